import { rmSync } from 'node:fs';
import { type Inventory, isUnwritable, transact } from '../db/inventory.ts';
import { sitesToForget } from '../db/releases.ts';
import { advanceSchedule, dueSchedules, passOverResting, repairSchedules } from '../db/schedules.ts';
import { pruneTasks } from '../db/task-changes.ts';
import { AegirError } from '../provision/model/errors.ts';
import { ringBell } from './bell.ts';
import { queueTask } from './queue.ts';
import type { Queue } from './queue-access.ts';
import type { WorkerDeps } from './running.ts';
import { taskLogFiles } from './task-log.ts';
import { noteTrouble } from './trouble.ts';

/** The actor of scheduled tasks in the audit log. */
export const SCHEDULE_ACTOR = 'schedule';

/** How many ended tasks of one type and site a schedule keeps; older ones are deleted with their logs. */
const KEPT_RUNS = 20;

/**
 * Queues the tasks of all due schedules. Queueing and setting the next time are one transaction, so that no crash
 * queues a task twice or never. Tasks that cannot run now are skipped once; an error of one does not stop the others,
 * and goes into the worker's log.
 */
export function queueDue(
  { inventory, paths, program }: Pick<WorkerDeps, 'inventory' | 'paths' | 'program'>,
  nowMs = Date.now(),
): void {
  const actor = { actor: SCHEDULE_ACTOR, sudoUser: null, sshClient: null };
  const queue: Queue = { inventory, paths, program, actor, readOnly: false };
  const at = new Date(nowMs).toISOString();
  for (const uri of sitesToForget(inventory, at)) {
    const forget = { taskType: 'site.forget', uri, args: {} };
    runLogged(paths, forget, () => tryQueue(queue, forget));
  }
  if (clockWasSet(inventory, nowMs)) repairSchedules(inventory, at);
  const always = program.tasks.list.filter((task) => task.scheduledAlways).map(({ type }) => type);
  passOverResting(inventory, at, always);
  const due = dueSchedules(inventory, at);
  for (const schedule of due) {
    const queued = runLogged(paths, schedule, () =>
      transact(inventory, () => {
        advanceSchedule(inventory, schedule, nowMs);
        tryQueue(queue, schedule);
      }),
    );
    // The next time is set all the same, so that it is not retried on each tick.
    if (!queued) runLogged(paths, schedule, () => advanceSchedule(inventory, schedule, nowMs));
    runLogged(paths, schedule, () => prune(queue, schedule));
  }
  if (due.length > 0) ringBell(paths.bell);
}

/** The difference between the machine's clock and a monotonic one at the last check. */
const clockOffset = new WeakMap<Inventory, number>();
const MOVED_MS = 60_000;

/** True at the first call, and after the clock was set: only then can stored times be wrong. */
function clockWasSet(inventory: Inventory, nowMs: number): boolean {
  const now = nowMs - performance.now();
  const before = clockOffset.get(inventory);
  if (before !== undefined && Math.abs(now - before) < MOVED_MS) return false;
  clockOffset.set(inventory, now);
  return true;
}

function prune({ inventory, paths }: Queue, { taskType, uri }: DueRun): void {
  const gone = transact(inventory, () =>
    pruneTasks(inventory, taskType, uri, { actor: SCHEDULE_ACTOR, keep: KEPT_RUNS }),
  );
  for (const id of gone) {
    for (const file of Object.values(taskLogFiles(paths.taskLogs, id))) rmSync(file, { force: true });
  }
}

interface DueRun {
  taskType: string;
  uri: string;
  args: Record<string, unknown>;
}

/** Runs `work`, and logs its error. True if it succeeded. Throws only if the inventory cannot be written. */
function runLogged(paths: Queue['paths'], { taskType, uri }: DueRun, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (isUnwritable(error)) throw error;
    noteTrouble(paths, `${taskType} ${uri}`, error);
    return false;
  }
}

function tryQueue(queue: Queue, { taskType, uri, args }: DueRun): void {
  try {
    queueTask(queue, { type: taskType, object: uri, args });
  } catch (error) {
    if (!(error instanceof AegirError)) throw error;
    // The site is locked, or its last task still waits: this run is skipped. A skipped backup is reported.
    if (queue.program.tasks.find(taskType)?.scheduledAlways && error.code !== 'TASK_DUPLICATE')
      noteTrouble(queue.paths, `${taskType} ${uri}`, error);
  }
}
