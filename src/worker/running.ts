import type { Inventory } from '../db/inventory.ts';
import type { StepPhase } from '../db/journal.ts';
import type { Host } from '../provision/host/host.ts';
import type { ServerContext } from '../provision/model/context.ts';
import type { Json } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import type { RunJournal } from './run-journal.ts';
import type { TaskLog } from './task-log.ts';

/** What running a task needs of its surroundings. */
export interface WorkerDeps {
  inventory: Inventory;
  paths: RootPaths;
  /**
   * The host of a server; children it starts carry `mark` in their environment. `folders` are platforms in place that
   * the inventory need not know any more.
   */
  hostFor(server: ServerContext, mark: string, folders?: string[]): Host;
  exclusive<T>(lock: string, work: () => Promise<T>): Promise<T>;
  /** Waits between tries of an undo or clean-up, in milliseconds. */
  retryDelaysMs: readonly number[];
  /** Called for each step that begins, before it acts. For tests that break a task at a chosen place. */
  onStep?(taskId: number, step: string, phase: StepPhase | 'undo'): void;
}

/** How a worker ends. */
export interface Halt {
  /** Fires when it is told to end. */
  signal: AbortSignal;
  /** True from then on: tasks are left for the next worker. False again when they are to be undone at once. */
  leaves: boolean;
}

/** What all steps of one running task share. */
export interface RunIo {
  host: Host;
  /** Which its children carry. */
  mark: string;
  log: TaskLog;
  secrets: Record<string, string>;
  result: Record<string, Json>;
  /** How its worker ends. */
  halt: Halt;
  journal: RunJournal;
}
