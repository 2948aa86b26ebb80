import { isUnwritable } from '../db/inventory.ts';
import type { TaskRow } from '../db/tasks.ts';
import { AegirError, describeError } from '../provision/model/errors.ts';
import type { InventoryChange, StepIo } from '../provision/tasks/model/task.ts';
import type { AnyTask } from '../provision/tasks/model/tasks.ts';
import { commitTask } from './commit.ts';
import { backOut, endCommitted, finishForward } from './end-task.ts';
import { halted, isToBeLeft } from './leave-task.ts';
import { checkRow, type JournalRow, recordRow } from './run-journal.ts';
import type { Halt, RunIo, WorkerDeps } from './running.ts';
import { logFailure, makeStepIo } from './step-io.ts';
import { contextWithArgs, endRun, startRun } from './task-run.ts';

/**
 * Runs a claimed task through its four phases and ends it. Errors become the task's outcome; this throws only if that
 * cannot be written. `signal` is aborted on cancel and at the time limit, and is ignored after the commit. A worker
 * that shuts down leaves the task between two steps for the next worker, which continues it.
 */
export async function runTask(deps: WorkerDeps, task: TaskRow, signal: AbortSignal, halt: Halt): Promise<void> {
  const definition = deps.program.tasks.of(task.type);
  const run = startRun(deps, task, halt);
  try {
    await applyTask(deps, definition, task, run, signal);
  } catch (error) {
    const cause = describeError(signal.aborted ? signal.reason : error);
    run.journal.flush();
    await backOut(deps, definition, task, run, cause);
    return endRun(deps, run);
  }
  if (!endsWithCommit(definition)) await finishForward(deps, definition, task, run);
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
  await runStep(deps, task, run, signal, { ...checkRow, seq: 0 }, (io) => validate(definition, ctx, io));
  for (const [place, step] of definition.apply.entries()) {
    if (isToBeLeft(deps, definition, task, run)) throw halted();
    const { name, title } = step;
    const row = { phase: 'apply', name, title, seq: place + 1 } as const;
    await runStep(deps, task, run, signal, row, (io) => step.run(ctx, io));
  }
  const record = { ...recordRow, seq: definition.apply.length + 1 };
  await runStep(deps, task, run, signal, record, async () => {
    const change = definition.commit(ctx, run.result) as InventoryChange;
    // The log must be complete before the task is seen as ended.
    run.log.flush();
    run.journal.commit(record.seq, () => {
      commitTask(deps.inventory, task, change, run.result);
      if (endsWithCommit(definition)) endCommitted(deps.inventory, task, run.result, []);
    });
  });
}

/** A task without clean-up ends with its commit, which saves one write to disk. */
const endsWithCommit = ({ cleanUp, removes }: AnyTask): boolean => cleanUp.length === 0 && !removes;

/** Runs a task's checks and throws one error with all problems found. */
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
  step: JournalRow & { seq: number },
  work: (io: StepIo) => Promise<void>,
): Promise<void> {
  const { seq } = step;
  signal.throwIfAborted();
  deps.onStep?.(task.id, step.name, step.phase);
  run.journal.begun(seq);
  const io = makeStepIo(deps, task.id, step, run, signal);
  io.log('info', step.title);
  try {
    await work(io);
    if (step.phase !== 'commit') run.journal.done(seq, io.unneeded);
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    logFailure(io, 'error', reason);
    if (process.env.AEGIR_DEBUG && error instanceof Error) io.log('debug', error.stack ?? '');
    if (!isUnwritable(error)) run.journal.failed(seq, describeError(reason).message);
    throw error;
  } finally {
    run.log.flush();
  }
}
