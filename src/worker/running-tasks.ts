import { findTask, type TaskRow } from '../db/tasks.ts';
import { describeError, type ErrorDocument } from '../provision/model/errors.ts';
import { overtime } from './end-reasons.ts';
import type { TaskLock } from './locks.ts';
import type { WorkerDeps } from './running.ts';

/** Runs a task, or recovers it, to its end. Throws only if the inventory cannot be written. */
export type RunTask = (task: TaskRow, signal: AbortSignal) => Promise<void>;

/** The tasks that a worker runs, and those that a full disk has stopped. */
export interface RunningTasks {
  readonly size: number;
  has(id: number): boolean;
  /** The locks that they hold. */
  locks(): TaskLock[];
  /** Starts a task, which holds these locks until it has ended. */
  start(id: number, locks: TaskLock[], run: RunTask): void;
  /** Starts again the tasks whose state could not be written; they have kept their locks. */
  startStalled(run: (task: TaskRow, cause: ErrorDocument) => Promise<void>): void;
  /** Ends a task early, or all; `reason` becomes its error. */
  abort(id: number, reason: Error): void;
  abortAll(reason: (task: TaskRow) => Error): void;
  /** Resolves when none runs any more. */
  ended(): Promise<void>;
}

interface Running {
  task: TaskRow;
  locks: TaskLock[];
  abort: AbortController;
  done: Promise<void>;
}

/** `ended` is called when a task no longer runs here, `changed` when one was started. */
export function makeRunningTasks(
  deps: WorkerDeps,
  { ended, changed }: { ended(id: number): void; changed(): void },
): RunningTasks {
  const running = new Map<number, Running>();
  const stalled = new Map<number, { locks: TaskLock[]; cause: ErrorDocument }>();

  function start(id: number, locks: TaskLock[], run: RunTask): void {
    const task = findTask(deps.inventory, id);
    if (!task) return;
    const abort = new AbortController();
    const limit = setTimeout(() => abort.abort(overtime(task)), task.timeLimitS * 1000);
    const done = run(task, abort.signal)
      .catch((error) => void stalled.set(id, { locks, cause: describeError(error) }))
      .finally(() => {
        clearTimeout(limit);
        running.delete(id);
        ended(id);
      });
    running.set(id, { task, locks, abort, done });
    changed();
  }

  return {
    get size() {
      return running.size;
    },
    has: (id) => running.has(id),
    locks: () => [...running.values(), ...stalled.values()].flatMap((entry) => entry.locks),
    start,
    startStalled(run) {
      for (const [id, { locks, cause }] of stalled) {
        stalled.delete(id);
        start(id, locks, (task) => run(task, cause));
      }
    },
    abort: (id, reason) => running.get(id)?.abort.abort(reason),
    abortAll(reason) {
      for (const { task, abort } of running.values()) abort.abort(reason(task));
    },
    async ended() {
      while (running.size > 0) await Promise.all([...running.values()].map((entry) => entry.done));
    },
  };
}
