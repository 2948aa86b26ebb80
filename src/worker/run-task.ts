import { isUnwritable } from '../db/inventory.ts';
import { insertSteps, markStep } from '../db/journal.ts';
import type { TaskRow } from '../db/tasks.ts';
import { AegirError, describeError } from '../provision/errors.ts';
import type { InventoryChange, StepIo } from '../provision/task.ts';
import { type AnyTask, taskDefinition } from '../provision/tasks/registry.ts';
import { commitTask } from './commit.ts';
import { backOut, finishForward } from './end-task.ts';
import { type Halt, halted, isToBeLeft } from './leave-task.ts';
import { logFailure, makeStepIo, type RunIo } from './step-io.ts';
import { contextWithArgs, endRun, journalOf, rowOf, startRun, type WorkerDeps } from './task-run.ts';

/**
 * Runs a claimed task through its four phases and ends it. What goes wrong becomes the task's outcome; it throws only
 * when that cannot be written. `signal` fires on cancel and time limit; from the commit on it is not heeded any more.
 * A worker that ends leaves it between two steps, for the next one, which begins it again.
 */
export async function runTask(deps: WorkerDeps, task: TaskRow, signal: AbortSignal, halt: Halt): Promise<void> {
  const definition = taskDefinition(task.type);
  const run = startRun(deps, task, halt);
  insertSteps(deps.inventory, task.id, journalOf(definition));
  try {
    await applyTask(deps, definition, task, run, signal);
  } catch (error) {
    const cause = describeError(signal.aborted ? signal.reason : error);
    await backOut(deps, definition, task, run, cause);
    return endRun(deps, run);
  }
  await finishForward(deps, definition, task, run);
  endRun(deps, run);
}

async function applyTask(
  deps: WorkerDeps,
  definition: AnyTask,
  task: TaskRow,
  run: RunIo,
  signal: AbortSignal,
): Promise<void> {
  const ctx = contextWithArgs(task);
  await runStep(deps, task, run, signal, 0, (io) => validate(definition, ctx, io));
  for (const [place, step] of definition.apply.entries()) {
    if (isToBeLeft(deps, definition, task, run)) throw halted();
    await runStep(deps, task, run, signal, place + 1, (io) => step.run(ctx, io));
  }
  await runStep(deps, task, run, signal, definition.apply.length + 1, async () => {
    commitTask(deps.inventory, task, definition.commit(ctx, run.result) as InventoryChange, run.result);
  });
}

/** Runs a task's checks and throws one error that names every problem found. */
export async function validate(definition: AnyTask, ctx: unknown, io: StepIo): Promise<void> {
  const problems: AegirError[] = [];
  await definition.validate(ctx, io, (code, message, hint, field) => {
    problems.push(new AegirError(code, message, hint, field));
  });
  const [first, ...others] = problems;
  if (!first) return;
  if (others.length === 0) throw first;
  const message = problems.map((problem) => problem.message).join('; ');
  const hints = new Set(problems.map((problem) => problem.hint));
  throw new AegirError(first.code, message, [...hints].join(' '), first.field);
}

async function runStep(
  deps: WorkerDeps,
  task: TaskRow,
  run: RunIo,
  signal: AbortSignal,
  seq: number,
  work: (io: StepIo) => Promise<void>,
): Promise<void> {
  const step = rowOf(deps, task, seq);
  signal.throwIfAborted();
  deps.onStep?.(task.id, step.name, step.phase);
  markStep(deps.inventory, task.id, seq, 'running');
  const io = makeStepIo(deps, task.id, step, run, signal);
  io.log('info', step.title);
  try {
    await work(io);
    markStep(deps.inventory, task.id, seq, io.unneeded === undefined ? 'done' : 'notNeeded', io.unneeded);
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    logFailure(io, 'error', reason);
    if (process.env.AEGIR_DEBUG && error instanceof Error) io.log('debug', error.stack ?? '');
    if (!isUnwritable(error)) markStep(deps.inventory, task.id, seq, 'failed', describeError(reason).message);
    throw error;
  } finally {
    run.log.flush();
  }
}
