import { type Inventory, transact } from '../db/inventory.ts';
import { insertSteps, listSteps, markStep, type StepPhase, type StepRow } from '../db/journal.ts';
import { endTask, type TaskRow, taskSecrets } from '../db/tasks.ts';
import type { ServerContext } from '../provision/context.ts';
import { AegirError, describeError, type ErrorDocument, type Json } from '../provision/errors.ts';
import type { Host } from '../provision/host/host.ts';
import type { RootPaths } from '../provision/paths.ts';
import type { InventoryChange, Step, StepIo, TaskContexts } from '../provision/task.ts';
import { type AnyTask, taskDefinition } from '../provision/tasks/registry.ts';
import { commitTask } from './commit.ts';
import { removeCreated } from './creations.ts';
import { makeStepIo, type RunIo } from './step-io.ts';
import { openTaskLog } from './task-log.ts';

/** What running a task needs of its surroundings. */
export interface WorkerDeps {
  inventory: Inventory;
  paths: RootPaths;
  /** The host of a server; children it starts carry `mark` in their environment. */
  hostFor(server: ServerContext, mark: string): Host;
  exclusive<T>(lock: string, work: () => Promise<T>): Promise<T>;
  /** Waits between tries of an undo or clean-up, in milliseconds. */
  retryDelaysMs: readonly number[];
  /** Called for each step that begins, before it acts. For tests that break a task at a chosen place. */
  onStep?(taskId: number, step: string, phase: StepPhase | 'undo'): void;
}

/** The mark that children of a task carry, by which a later worker finds and ends them. */
export const taskMark = (paths: RootPaths, taskId: number | ''): string => `${paths.root}#${taskId}`;

type AnyStep = Step<unknown>;

/**
 * Runs a claimed task through its four phases and ends it. Never throws: what goes wrong becomes the task's
 * outcome. `signal` fires on cancel and time limit; from the commit on it is not heeded any more.
 */
export async function runTask(deps: WorkerDeps, task: TaskRow, signal: AbortSignal): Promise<void> {
  const definition = taskDefinition(task.type);
  const run = startRun(deps, task);
  insertSteps(deps.inventory, task.id, journalOf(definition));
  try {
    await applyTask(deps, definition, task, run, signal);
  } catch (error) {
    const cause = signal.aborted ? signal.reason : error;
    await backOut(deps, definition, task, run, describeError(cause));
    return run.log.close();
  }
  await finishForward(deps, definition, task, run);
  run.log.close();
}

/**
 * Finishes a task that a dead worker left, or whose undo or clean-up could not finish: forward when it was
 * committed, back otherwise. Never throws.
 */
export async function recoverTask(deps: WorkerDeps, task: TaskRow): Promise<void> {
  try {
    await recoverSteps(deps, task);
  } catch (error) {
    // A damaged row must not keep the worker from all other tasks.
    const cause = describeError(error);
    endTask(deps.inventory, task.id, {
      state: 'failed',
      error: cause,
      unfinished: `cannot be recovered: ${cause.message}`,
    });
  }
}

async function recoverSteps(deps: WorkerDeps, task: TaskRow): Promise<void> {
  const definition = taskDefinition(task.type);
  const run = startRun(deps, task);
  run.secrets = {};
  insertSteps(deps.inventory, task.id, journalOf(definition));
  for (const row of listSteps(deps.inventory, task.id)) {
    if (row.state === 'running') markStep(deps.inventory, task.id, row.seq, 'failed', 'the worker ended');
  }
  if (task.committed) await finishForward(deps, definition, task, run);
  else await backOut(deps, definition, task, run, task.error ?? interrupted);
  run.log.close();
}

const interrupted: ErrorDocument = {
  code: 'INTERRUPTED',
  message: 'the worker ended while this task ran; what it had begun was undone',
  hint: 'Run it again with: aegir task retry.',
};

function startRun(deps: WorkerDeps, task: TaskRow): RunIo {
  const context = task.context as unknown as TaskContexts['server'] & TaskContexts['site'];
  const server = context.server ?? context.site.server;
  return {
    host: deps.hostFor(server, taskMark(deps.paths, task.id)),
    log: openTaskLog(deps.paths.taskLogs, task.id),
    secrets: taskSecrets(deps.inventory, task.id),
    result: { ...task.result },
  };
}

/** The journal of a task: its checks, its steps, the commit, what follows. */
function journalOf(definition: AnyTask): Pick<StepRow, 'phase' | 'name' | 'title'>[] {
  const rows = (phase: StepPhase, steps: AnyStep[]) => steps.map(({ name, title }) => ({ phase, name, title }));
  return [
    { phase: 'validate', name: 'check', title: 'Check' },
    ...rows('apply', definition.apply),
    { phase: 'commit', name: 'record', title: 'Record in the inventory' },
    ...rows('cleanUp', definition.cleanUp),
  ];
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
    await runStep(deps, task, run, signal, place + 1, (io) => step.run(ctx, io));
  }
  await runStep(deps, task, run, signal, definition.apply.length + 1, async () => {
    commitTask(deps.inventory, task, definition.commit(ctx, run.result) as InventoryChange, run.result);
  });
}

/** Context and arguments as one document. */
export const contextWithArgs = (task: Pick<TaskRow, 'context' | 'args'>): unknown => ({
  ...(task.context as Record<string, Json>),
  args: task.args,
});

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
  throw new AegirError(first.code, message, problems.map((problem) => problem.hint).join(' '), first.field);
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
    markStep(deps.inventory, task.id, seq, 'done');
  } catch (error) {
    const cause = describeError(signal.aborted ? signal.reason : error);
    io.log('error', `${cause.message}. ${cause.hint}`);
    if (process.env.AEGIR_DEBUG && error instanceof Error) io.log('debug', error.stack ?? '');
    markStep(deps.inventory, task.id, seq, 'failed', cause.message);
    throw error;
  } finally {
    run.log.flush();
  }
}

function rowOf(deps: WorkerDeps, task: TaskRow, seq: number): StepRow {
  const row = listSteps(deps.inventory, task.id)[seq];
  if (!row) throw new Error(`task ${task.id} has no step ${seq} in its journal`);
  return row;
}

/** Undoes what was applied, newest first, and ends the task as failed or cancelled. */
async function backOut(
  deps: WorkerDeps,
  definition: AnyTask,
  task: TaskRow,
  run: RunIo,
  error: ErrorDocument,
): Promise<void> {
  const ctx = contextWithArgs(task);
  const begun = listSteps(deps.inventory, task.id).filter(
    (row) => row.phase === 'apply' && row.saved !== undefined && row.state !== 'undone' && row.state !== 'waiting',
  );
  let unfinished: string | undefined;
  for (const row of begun.reverse()) {
    const step = definition.apply[row.seq - 1];
    if (!step?.undo || row.saved === undefined) continue;
    const { saved } = row;
    const failure = await tryHard(deps, task, run, row, 'undoing', async (io) => step.undo?.(ctx, io, saved));
    if (failure) {
      unfinished = `could not undo "${row.title}": ${failure.message}`;
      // What came before may be needed by what could not be undone.
      break;
    }
    markStep(deps.inventory, task.id, row.seq, 'undone');
  }
  run.log.flush();
  transact(deps.inventory, () => {
    if (definition.creates && !unfinished) removeCreated(deps.inventory, task.objectKind, task.objectName);
    endTask(deps.inventory, task.id, { state: error.code === 'CANCELLED' ? 'cancelled' : 'failed', error, unfinished });
  });
}

/** Runs the clean-up steps that are not done and ends the task as succeeded, or with a warning. */
async function finishForward(deps: WorkerDeps, definition: AnyTask, task: TaskRow, run: RunIo): Promise<void> {
  const ctx = contextWithArgs(task);
  const first = definition.apply.length + 2;
  const failures: string[] = [];
  for (const [place, step] of definition.cleanUp.entries()) {
    const row = rowOf(deps, task, first + place);
    if (row.state === 'done') continue;
    const failure = await tryHard(deps, task, run, row, 'running', (io) => step.run(ctx, io));
    if (failure) failures.push(`could not finish "${row.title}": ${failure.message}`);
    markStep(deps.inventory, task.id, row.seq, failure ? 'failed' : 'done', failure?.message);
  }
  run.log.flush();
  endTask(deps.inventory, task.id, endOf(run.result, failures));
}

/** How a committed task ends: failed when it found damage, with a warning when something could not be tidied. */
function endOf(result: RunIo['result'], failures: string[]): Parameters<typeof endTask>[2] {
  const unfinished = failures.length > 0 ? failures.join('; ') : undefined;
  const failure = result.failure as unknown as ErrorDocument | undefined;
  if (failure) return { state: 'failed', error: failure, unfinished };
  return { state: unfinished ? 'warning' : 'succeeded', unfinished };
}

/** Tries a step several times with growing pauses; returns the last error when none succeeded. */
async function tryHard(
  deps: WorkerDeps,
  task: TaskRow,
  run: RunIo,
  row: StepRow,
  state: 'undoing' | 'running',
  work: (io: StepIo) => Promise<void> | undefined,
): Promise<ErrorDocument | undefined> {
  let failure: ErrorDocument | undefined;
  for (const delay of [0, ...deps.retryDelaysMs]) {
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    deps.onStep?.(task.id, row.name, state === 'undoing' ? 'undo' : row.phase);
    markStep(deps.inventory, task.id, row.seq, state);
    const io = makeStepIo(deps, task.id, row, run, new AbortController().signal);
    try {
      if (state === 'undoing') io.log('info', `undo: ${row.title}`);
      await work(io);
      return undefined;
    } catch (error) {
      failure = describeError(error);
      io.log('warning', `${failure.message}. ${failure.hint}`);
    }
  }
  return failure;
}
