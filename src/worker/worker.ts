import { availableParallelism } from 'node:os';
import { isUnwritable } from '../db/inventory.ts';
import { closeRootFiles } from '../db/private-file.ts';
import { interruptTasks } from '../db/task-changes.ts';
import { recoverUnfinished, tasksToRecover } from '../db/task-recovery.ts';
import { tasksToCancel } from '../db/waiting.ts';
import { endChildren } from '../provision/host/local/children.ts';
import { listenToBell } from './bell.ts';
import { makeClaims } from './claim.ts';
import { cancelled, stopped } from './end-reasons.ts';
import { inventorySaver } from './inventory-backup.ts';
import { halted } from './leave-task.ts';
import { locksConflict, locksOf } from './locks.ts';
import { recoverTask } from './recover-task.ts';
import { runTask } from './run-task.ts';
import type { Halt, WorkerDeps } from './running.ts';
import { makeRunningTasks } from './running-tasks.ts';
import { queueDue } from './schedules.ts';
import { noteTrouble } from './trouble.ts';
import { tidyBackups } from './unfinished-backups.ts';
import { tryWorkerLock, type WorkerLock } from './worker-lock.ts';

export interface WorkerOptions {
  /** How many tasks run in parallel; by default the number of cores. */
  concurrency?: number;
  /**
   * Whether to queue scheduled tasks; off by default, for processes that are the worker only while they wait for one
   * task.
   */
  schedules?: boolean;
  /** How often it checks the clock for due schedules, and for work that a full disk has delayed. */
  tickMs?: number;
  /** Called when queue length or ownership has changed. */
  onChange?(): void;
  /** Called when a task no longer runs here: it has ended, or waits for the next worker. */
  onTask?(id: number): void;
}

/** The worker of this process; it may be waiting for another process to give up the role. */
export interface Worker {
  /** True while this process is the worker of its root. */
  readonly active: boolean;
  /** How many tasks run in this process. */
  readonly running: number;
  /** Takes no new tasks, resolves when the running ones have ended, and releases the lock. */
  drain(): Promise<void>;
  /**
   * Shuts down soon: running steps finish, or are aborted after half a minute; their tasks stay in the journal for the
   * next worker. A task that closed its site to visitors first reopens it, by finishing or by undoing that far.
   */
  halt(): Promise<void>;
  /** Cancels the running tasks, which are undone, then as drain. */
  stop(): Promise<void>;
}

const TAKE_OVER_MS = 1000;
const TICK_MS = 5000;

/** How long a shutdown waits for running steps: everything after that must fit into 90 seconds in all. */
const HALT_MS = 30_000;

/**
 * Becomes the worker of a root folder, at once or as soon as the present one ends. It first recovers what a crashed
 * worker left; then it runs queued tasks, several in parallel, but never two whose locks conflict.
 */
export function startWorker(deps: WorkerDeps, options: WorkerOptions = {}): Worker {
  const concurrency = options.concurrency ?? availableParallelism();
  let lock: WorkerLock | undefined;
  let recovered = false;
  /** The running recovery. */
  let recovering: Promise<void> | undefined;
  let draining = false;
  let looksSoon = false;
  const halting = new AbortController();
  const halt: Halt = { signal: halting.signal, leaves: false };
  const changed = (): void => options.onChange?.();
  const reportDone = (ids: readonly number[]): void => {
    for (const id of ids) options.onTask?.(id);
    changed();
  };
  const running = makeRunningTasks(deps, {
    changed,
    ended(id) {
      reportDone([id]);
      tickSoon();
    },
  });
  const claims = makeClaims(deps.inventory, deps.paths.root, deps.program.tasks);
  const saveInventory = inventorySaver(deps.inventory, deps.paths);

  const stopListening = listenToBell(deps.paths.bell, tick);
  const clockTimer = setInterval(clockTick, options.tickMs ?? TICK_MS);
  const takeOverTimer = setInterval(takeOver, TAKE_OVER_MS);
  takeOver();

  function takeOver(): void {
    if (lock || draining) return;
    lock = tryWorkerLock(deps.paths.workerLock);
    if (!lock) return;
    clearInterval(takeOverTimer);
    changed();
    recover();
  }

  function recover(): void {
    recovering ??= recoverAll().finally(() => {
      recovering = undefined;
      tick();
    });
  }

  async function recoverAll(): Promise<void> {
    try {
      closeRootFiles(deps.paths.root, deps.paths.workerLock);
      await endChildren(deps.paths);
      for (const task of interruptTasks(deps.inventory)) {
        if (draining) return;
        await recoverTask(deps, task, halt);
        reportDone([task.id]);
      }
      await tidyBackups(deps).catch((error: unknown) => noteTrouble(deps.paths, 'backups', error));
      // A failed undo or clean-up may succeed now: a service may have been started since.
      if (options.schedules) recoverUnfinished(deps.inventory);
      recovered = true;
    } catch (error) {
      if (!isUnwritable(error)) throw error;
    }
  }

  function clockTick(): void {
    // The inventory could not be written when this process became the worker.
    if (lock && !recovered && !draining) recover();
    whileWritable(() => {
      if (options.schedules && lock && recovered && !draining) {
        queueDue(deps);
        saveInventory();
      }
      if (!draining) running.startStalled((task, error) => recoverTask(deps, { ...task, error }, halt));
    });
    tick();
  }

  function tick(): void {
    whileWritable(lookAtQueue);
  }

  /** One look for all tasks that end in this turn, so that those that follow them are begun by one. */
  function tickSoon(): void {
    if (looksSoon) return;
    looksSoon = true;
    setImmediate(() => {
      looksSoon = false;
      tick();
    });
  }

  /** Does work that needs the inventory, and skips it until the next tick if the inventory cannot be written. */
  function whileWritable(work: () => void): void {
    try {
      work();
    } catch (error) {
      // One damaged row must not stop the worker for all others.
      if (!isUnwritable(error)) noteTrouble(deps.paths, 'worker', error);
    }
  }

  function lookAtQueue(): void {
    if (!lock || !recovered) return;
    for (const { id } of tasksToCancel(deps.inventory, 'running')) running.abort(id, cancelled(id));
    if (draining) return;
    startRecoveries();
    startReady();
  }

  function startRecoveries(): void {
    for (const task of tasksToRecover(deps.inventory)) {
      const locks = locksOf(deps.program.tasks, task, task.context);
      if (!running.has(task.id) && !locksConflict(locks, running.locks()))
        running.start(task.id, locks, (row) => recoverTask(deps, row, halt));
    }
  }

  function startReady(): void {
    const more = claims.look({
      held: running.locks(),
      room: concurrency - running.size,
      start: (id, locks) => running.start(id, locks, (row, signal) => runTask(deps, row, signal, halt)),
      ended: reportDone,
    });
    if (more) setImmediate(tick);
  }

  async function drain(): Promise<void> {
    draining = true;
    clearInterval(takeOverTimer);
    await recovering;
    await running.ended();
    clearInterval(clockTimer);
    stopListening();
    lock?.release();
    lock = undefined;
  }

  return {
    get active() {
      return lock !== undefined;
    },
    get running() {
      return running.size;
    },
    drain,
    async halt() {
      halt.leaves = true;
      halting.abort();
      const late = setTimeout(() => running.abortAll(halted), HALT_MS);
      await drain().finally(() => clearTimeout(late));
    },
    async stop() {
      halt.leaves = false;
      running.abortAll((task) => stopped(task.id));
      await drain();
    },
  };
}
