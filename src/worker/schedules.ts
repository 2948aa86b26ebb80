import { rmSync } from 'node:fs';
import { transact } from '../db/inventory.ts';
import { advanceSchedule, dueSchedules } from '../db/schedules.ts';
import { sitesToForget } from '../db/sites.ts';
import { pruneTasks } from '../db/tasks.ts';
import { AegirError } from '../provision/errors.ts';
import { type Queue, queueTask } from './queue.ts';
import { taskLogFiles } from './task-log.ts';
import type { WorkerDeps } from './task-run.ts';

/** Who queued a task that nobody asked for; see the audit. */
export const SCHEDULE_ACTOR = 'schedule';

/** How many ended tasks of one type and site a schedule leaves behind; older ones go with their logs. */
const KEPT_RUNS = 20;

/**
 * Queues the tasks of every schedule whose time has come. Queueing and the next time are one transaction, so that
 * no crash makes a task be queued twice or never. What cannot run now is left out this time.
 */
export function queueDue({ inventory, paths }: Pick<WorkerDeps, 'inventory' | 'paths'>, nowMs = Date.now()): void {
  const actor = { actor: SCHEDULE_ACTOR, sudoUser: null, sshClient: null };
  const queue: Queue = { inventory, paths, actor, readOnly: false };
  for (const uri of sitesToForget(inventory, new Date(nowMs).toISOString())) {
    tryQueue(queue, { taskType: 'site.forget', uri, args: {} });
  }
  for (const schedule of dueSchedules(inventory, new Date(nowMs).toISOString())) {
    const gone = transact(inventory, () => {
      advanceSchedule(inventory, schedule, nowMs);
      tryQueue(queue, schedule);
      return pruneTasks(inventory, schedule.taskType, schedule.uri, { actor: SCHEDULE_ACTOR, keep: KEPT_RUNS });
    });
    for (const id of gone) {
      for (const file of Object.values(taskLogFiles(paths.taskLogs, id))) rmSync(file, { force: true });
    }
  }
}

function tryQueue(
  queue: Queue,
  { taskType, uri, args }: { taskType: string; uri: string; args: Record<string, unknown> },
) {
  try {
    queueTask(queue, { type: taskType, object: uri, args });
  } catch (error) {
    // Locked meanwhile, or the last one still waits: the next time comes.
    if (!(error instanceof AegirError)) throw error;
  }
}
