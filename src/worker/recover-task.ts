import { isUnwritable } from '../db/inventory.ts';
import { insertSteps, listSteps, markStep } from '../db/journal.ts';
import { endTask } from '../db/task-changes.ts';
import type { TaskRow } from '../db/tasks.ts';
import { describeError, type ErrorDocument } from '../provision/model/errors.ts';
import { backOut, finishForward } from './end-task.ts';
import { journalOf } from './run-journal.ts';
import type { Halt, WorkerDeps } from './running.ts';
import { endRun, startRun } from './task-run.ts';

/**
 * Finishes a task that a crashed worker left, or whose undo or clean-up failed: forward if it was committed, otherwise
 * back. A task that was left during an orderly shutdown is queued again once it is undone. Throws only if the inventory
 * cannot be written; a worker that shuts down leaves the task again.
 */
export async function recoverTask(deps: WorkerDeps, task: TaskRow, halt: Halt): Promise<void> {
  try {
    await recoverSteps(deps, task, halt);
  } catch (error) {
    if (isUnwritable(error)) throw error;
    // A damaged row must not keep the worker from other tasks.
    const cause = describeError(error);
    endTask(deps.inventory, task.id, {
      state: 'failed',
      error: cause,
      unfinished: `cannot be recovered: ${cause.message}`,
    });
  }
}

async function recoverSteps(deps: WorkerDeps, task: TaskRow, halt: Halt): Promise<void> {
  const definition = deps.program.tasks.of(task.type);
  const run = startRun(deps, task, halt);
  run.secrets = {};
  insertSteps(deps.inventory, task.id, journalOf(definition));
  for (const row of listSteps(deps.inventory, task.id)) {
    if (row.state === 'running') markStep(deps.inventory, task.id, row.seq, 'failed', 'the worker ended');
  }
  if (task.committed) await finishForward(deps, definition, task, run);
  else await backOut(deps, definition, task, run, task.error ?? interrupted);
  endRun(deps, run);
}

const interrupted: ErrorDocument = {
  code: 'INTERRUPTED',
  message: 'the worker ended while this task ran; what it had begun was undone',
  hint: 'Run it again with: aegir task retry.',
};
