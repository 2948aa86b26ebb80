import type { TaskRow } from '../db/tasks.ts';
import { AegirError } from '../provision/model/errors.ts';

/** The error of a task that was cancelled. */
export const cancelled = (id: number): AegirError =>
  new AegirError('CANCELLED', `task ${id} was cancelled`, `Run it again with: aegir task retry ${id}.`);

/** The error of a task of a stopped batch, which never began. */
export const batchStopped = (id: number): AegirError =>
  new AegirError(
    'BATCH_STOPPED',
    `task ${id} was skipped: another task of its batch has failed`,
    `Fix what failed, then: aegir task retry ${id}`,
  );

/** The error of a task whose worker was stopped. */
export const stopped = (id: number): AegirError =>
  new AegirError(
    'WORKER_STOPPED',
    `the worker was stopped while task ${id} ran`,
    `Run it again with: aegir task retry ${id}.`,
  );

/** The error of a task that exceeded its time limit. */
export const overtime = (task: TaskRow): AegirError =>
  new AegirError(
    'TIME_LIMIT',
    `task ${task.id} took longer than ${task.timeLimitS} seconds`,
    'See its log for the step that hung.',
  );
