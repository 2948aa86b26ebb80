import type { Inventory } from '../db/inventory.ts';
import type { StepPhase } from '../db/journal.ts';
import type { Host } from '../provision/host/host.ts';
import type { ServerContext } from '../provision/model/context.ts';
import type { Json } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import type { Program } from '../provision/program.ts';
import type { RunJournal } from './run-journal.ts';
import type { TaskLog } from './task-log.ts';

/** The dependencies of running tasks. */
export interface WorkerDeps {
  inventory: Inventory;
  paths: RootPaths;
  program: Program;
  /**
   * The host of a server; child processes carry `mark` in their environment. `folders` are platforms in place that are
   * no longer in the inventory.
   */
  hostFor(server: ServerContext, mark: string, folders?: string[]): Host;
  exclusive<T>(lock: string, work: () => Promise<T>): Promise<T>;
  /** Pauses between retries of an undo or clean-up, in milliseconds. */
  retryDelaysMs: readonly number[];
  /** Called when a step begins, before it acts; for tests that interrupt a task at a chosen place. */
  onStep?(taskId: number, step: string, phase: StepPhase | 'undo'): void;
}

/** The shutdown of a worker. */
export interface Halt {
  /** Aborted when the shutdown begins. */
  signal: AbortSignal;
  /** True from then on: tasks are left to the next worker. False again if they are to be undone at once. */
  leaves: boolean;
}

/** Shared by all steps of one running task. */
export interface RunIo {
  host: Host;
  /** The mark in the environment of its child processes. */
  mark: string;
  log: TaskLog;
  secrets: Record<string, string>;
  result: Record<string, Json>;
  /** The shutdown of its worker. */
  halt: Halt;
  journal: RunJournal;
}
