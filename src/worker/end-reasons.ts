import type { TaskRow } from '../db/tasks.ts';
import { AegirError } from '../provision/model/errors.ts';

/** Why a task ended that somebody has cancelled. */
export const cancelled = (id: number): AegirError =>
  new AegirError('CANCELLED', `task ${id} was cancelled`, `Run it again with: aegir task retry ${id}.`);

/** Why a task of a batch ended before it began. */
export const batchStopped = (id: number): AegirError =>
  new AegirError(
    'BATCH_STOPPED',
    `task ${id} was left out: another one of its batch has failed`,
    `Mend what failed, then: aegir task retry ${id}`,
  );

/** Why a task ended with its worker. */
export const stopped = (id: number): AegirError =>
  new AegirError(
    'WORKER_STOPPED',
    `the worker was stopped while task ${id} ran`,
    `Run it again with: aegir task retry ${id}.`,
  );

/** Why a task ended that took longer than it may. */
export const overtime = (task: TaskRow): AegirError =>
  new AegirError(
    'TIME_LIMIT',
    `task ${task.id} took longer than ${task.timeLimitS} seconds`,
    'See its log for the step that hung.',
  );
