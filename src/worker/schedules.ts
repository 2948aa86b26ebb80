import { rmSync } from 'node:fs';
import { type Inventory, isUnwritable, transact } from '../db/inventory.ts';
import { sitesToForget } from '../db/releases.ts';
import { advanceSchedule, dueSchedules, mendSchedules } from '../db/schedules.ts';
import { pruneTasks } from '../db/task-changes.ts';
import { AegirError } from '../provision/model/errors.ts';
import { ringBell } from './bell.ts';
import { queueTask } from './queue.ts';
import type { Queue } from './queue-access.ts';
import type { WorkerDeps } from './running.ts';
import { taskLogFiles } from './task-log.ts';
import { noteTrouble } from './trouble.ts';

/** Who queued a task that nobody asked for; see the audit. */
export const SCHEDULE_ACTOR = 'schedule';

/** How many ended tasks of one type and site a schedule leaves behind; older ones go with their logs. */
const KEPT_RUNS = 20;

/**
 * Queues the tasks of every schedule whose time has come. Queueing and the next time are one transaction, so that
 * no crash makes a task be queued twice or never. What cannot run now is left out this time; what goes wrong with one
 * keeps no other from its turn, and is noted in the worker's log.
 */
export function queueDue({ inventory, paths }: Pick<WorkerDeps, 'inventory' | 'paths'>, nowMs = Date.now()): void {
  const actor = { actor: SCHEDULE_ACTOR, sudoUser: null, sshClient: null };
  const queue: Queue = { inventory, paths, actor, readOnly: false };
  const at = new Date(nowMs).toISOString();
  for (const uri of sitesToForget(inventory, at)) {
    const forget = { taskType: 'site.forget', uri, args: {} };
    orNote(paths, forget, () => tryQueue(queue, forget));
  }
  if (clockWasSet(inventory, nowMs)) mendSchedules(inventory, at);
  const due = dueSchedules(inventory, at);
  for (const schedule of due) {
    const queued = orNote(paths, schedule, () =>
      transact(inventory, () => {
        advanceSchedule(inventory, schedule, nowMs);
        tryQueue(queue, schedule);
      }),
    );
    // It has its next turn all the same, and is not tried with each tick.
    if (!queued) orNote(paths, schedule, () => advanceSchedule(inventory, schedule, nowMs));
    orNote(paths, schedule, () => prune(queue, schedule));
  }
  if (due.length > 0) ringBell(paths.bell);
}

/** What the clock of the machine was ahead of one that nobody sets, when the times were last looked at. */
const ahead = new WeakMap<Inventory, number>();
const MOVED_MS = 60_000;

/** True at first, and when the clock was set since: only then times can lie where none belongs, and all are looked at. */
function clockWasSet(inventory: Inventory, nowMs: number): boolean {
  const now = nowMs - performance.now();
  const before = ahead.get(inventory);
  if (before !== undefined && Math.abs(now - before) < MOVED_MS) return false;
  ahead.set(inventory, now);
  return true;
}

function prune({ inventory, paths }: Queue, { taskType, uri }: Turn): void {
  const gone = transact(inventory, () =>
    pruneTasks(inventory, taskType, uri, { actor: SCHEDULE_ACTOR, keep: KEPT_RUNS }),
  );
  for (const id of gone) {
    for (const file of Object.values(taskLogFiles(paths.taskLogs, id))) rmSync(file, { force: true });
  }
}

interface Turn {
  taskType: string;
  uri: string;
  args: Record<string, unknown>;
}

/** True when it was done. An inventory that cannot be written now is the caller's to know. */
function orNote(paths: Queue['paths'], { taskType, uri }: Turn, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (isUnwritable(error)) throw error;
    noteTrouble(paths, `${taskType} ${uri}`, error);
    return false;
  }
}

function tryQueue(queue: Queue, { taskType, uri, args }: Turn): void {
  try {
    queueTask(queue, { type: taskType, object: uri, args });
  } catch (error) {
    if (!(error instanceof AegirError)) throw error;
    // Locked meanwhile, or the last one still waits: the next time comes. That a site is not saved is told.
    if (taskType === 'site.backup' && error.code !== 'TASK_DUPLICATE')
      noteTrouble(queue.paths, `${taskType} ${uri}`, error);
  }
}
