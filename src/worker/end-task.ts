import { setTimeout } from 'node:timers/promises';
import { commitLazily, type Inventory, isUnwritable, transact } from '../db/inventory.ts';
import { markStep, type StepRow, type StepState } from '../db/journal.ts';
import { endTask, requeueTask } from '../db/task-changes.ts';
import { clearUnfinished } from '../db/task-recovery.ts';
import type { TaskRow } from '../db/tasks.ts';
import { describeError, type ErrorDocument } from '../provision/model/errors.ts';
import type { StepIo, TaskContexts } from '../provision/tasks/model/task.ts';
import type { AnyTask } from '../provision/tasks/model/tasks.ts';
import { removeCreated } from './creations.ts';
import { HALTED, isToBeLeft, leave } from './leave-task.ts';
import { stepsToUndo } from './run-journal.ts';
import type { Halt, RunIo, WorkerDeps } from './running.ts';
import { settleBackups } from './settle-backups.ts';
import { logFailure, makeStepIo } from './step-io.ts';
import { contextWithArgs, rowOf } from './task-run.ts';

/**
 * Undoes what was applied, newest first, and ends the task as failed or cancelled; a worker that shuts down leaves it.
 * If the only cause was the shutdown, the task is queued again.
 */
export async function backOut(
  deps: WorkerDeps,
  definition: AnyTask,
  task: TaskRow,
  run: RunIo,
  error: ErrorDocument,
): Promise<void> {
  const ctx = contextWithArgs(task);
  let unfinished: string | undefined;
  for (const { row, saved, undo } of stepsToUndo(deps.inventory, task.id, definition)) {
    if (isToBeLeft(deps, definition, task, run)) return leave(deps, task, run, error);
    const { failure } = await runWithRetries(deps, task, run, row, 'undoing', (io) => undo(ctx, io, saved));
    if (failure) {
      if (run.halt.leaves) return leave(deps, task, run, error);
      unfinished = `could not undo "${row.title}": ${failure.message}`;
      // The earlier steps stay applied: the step that could not be undone may depend on them.
      break;
    }
    noteStep(deps, task, row, 'undone');
  }
  if (error.code === HALTED && !unfinished && task.endedAt === null) {
    run.log.flush();
    return requeueTask(deps.inventory, task.id);
  }
  run.log.flush();
  transact(deps.inventory, () => {
    if (definition.creates && !unfinished) removeCreated(deps.inventory, task.objectKind, task.objectName);
    endTask(deps.inventory, task.id, { state: error.code === 'CANCELLED' ? 'cancelled' : 'failed', error, unfinished });
  });
}

/**
 * Runs the remaining clean-up steps and ends the task as succeeded, or with a warning; a worker that shuts down leaves
 * it.
 */
export async function finishForward(deps: WorkerDeps, definition: AnyTask, task: TaskRow, run: RunIo): Promise<void> {
  const ctx = contextWithArgs(task);
  const first = definition.apply.length + 2;
  const failures: string[] = [];
  /** Marks the last step as done in the write that ends the task, if nothing happens between the two. */
  let lastIsDone: (() => void) | undefined;
  for (const [place, step] of definition.cleanUp.entries()) {
    const row = rowOf(deps, task, first + place);
    if (row.state === 'done' || row.state === 'notNeeded') continue;
    if (isToBeLeft(deps, definition, task, run)) return leave(deps, task, run);
    const { failure, unneeded } = await runWithRetries(deps, task, run, row, 'running', (io) => step.run(ctx, io));
    if (failure) failures.push(`could not finish "${row.title}": ${failure.message}`);
    if (unneeded === undefined && !failure && !definition.removes && place === definition.cleanUp.length - 1)
      lastIsDone = () => markStep(deps.inventory, task.id, row.seq, 'done');
    else if (unneeded === undefined) noteStep(deps, task, row, failure ? 'failed' : 'done', failure?.message);
    else noteStep(deps, task, row, 'notNeeded', unneeded);
  }
  const { site } = task.context as unknown as TaskContexts['site'];
  const settles = definition.removes && failures.length === 0;
  if (settles) {
    await settleBackups(deps, site).catch((error: unknown) => {
      failures.push(`could not settle its backups: ${describeError(error).message}`);
    });
  }
  run.log.flush();
  transact(deps.inventory, () => {
    lastIsDone?.();
    if (settles && failures.length === 0) clearUnfinished(deps.inventory, site.handle);
    endCommitted(deps.inventory, task, run.result, failures);
  });
}

/** Ends a committed task: as failed if it found damage, with a warning if a clean-up failed. */
export function endCommitted(
  db: Inventory,
  { id }: Pick<TaskRow, 'id'>,
  result: RunIo['result'],
  failures: readonly string[],
): void {
  const unfinished = failures.length > 0 ? failures.join('; ') : undefined;
  const error = result.failure as unknown as ErrorDocument | undefined;
  const state = error ? 'failed' : unfinished ? 'warning' : 'succeeded';
  endTask(db, id, { state, unfinished, result, ...(error ? { error } : {}) });
}

/**
 * Runs a step, and retries it with growing pauses. Returns the last error if all attempts failed; otherwise the reason
 * why the step was not needed, if the step gave one.
 */
async function runWithRetries(
  deps: WorkerDeps,
  task: TaskRow,
  run: RunIo,
  row: StepRow,
  state: 'undoing' | 'running',
  work: (io: StepIo) => Promise<void> | undefined,
): Promise<{ failure?: ErrorDocument | undefined; unneeded?: string | undefined }> {
  let failure: ErrorDocument | undefined;
  for (const delay of [0, ...deps.retryDelaysMs]) {
    // A worker that shuts down does not wait: the next worker retries.
    if (failure && !(await waited(delay, run.halt))) return { failure };
    deps.onStep?.(task.id, row.name, state === 'undoing' ? 'undo' : row.phase);
    noteStep(deps, task, row, state);
    const io = makeStepIo(deps, task.id, row, run, new AbortController().signal);
    try {
      if (state === 'undoing') io.log('info', `undo: ${row.title}`);
      await work(io);
      return { unneeded: io.unneeded };
    } catch (error) {
      failure = describeError(error);
      logFailure(io, 'warning', error);
    }
  }
  return { failure };
}

/** Waits; false if a shutdown of the worker began before the time was over. */
async function waited(ms: number, { leaves, signal }: Halt): Promise<boolean> {
  if (leaves) return false;
  return setTimeout(ms, true, signal.aborted ? {} : { signal }).catch(() => false);
}

/**
 * Records the progress of an undo or a clean-up. On a full disk the work continues without the record: it is
 * idempotent, and may free space.
 */
function noteStep(deps: WorkerDeps, task: TaskRow, row: StepRow, state: StepState, why?: string): void {
  const mark = (): void => markStep(deps.inventory, task.id, row.seq, state, why);
  try {
    // That a step is done must be durable, so that it is not repeated after later steps; that it has begun need not be.
    if (state === 'undoing' || state === 'running') commitLazily(deps.inventory, mark);
    else mark();
  } catch (cause) {
    if (!isUnwritable(cause)) throw cause;
  }
}
