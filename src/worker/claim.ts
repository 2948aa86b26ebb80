import { batchNow } from '../db/batches.ts';
import { commitLazily, type Inventory, transact } from '../db/inventory.ts';
import { endTask, startTask } from '../db/task-changes.ts';
import { findTask, type TaskEnd, type TaskRow } from '../db/tasks.ts';
import { tasksToCancel, type WaitingTask } from '../db/waiting.ts';
import { describeError, type Json } from '../provision/model/errors.ts';
import type { AnyTask, Tasks } from '../provision/tasks/model/tasks.ts';
import { contextOf } from './contexts.ts';
import { removeCreated } from './creations.ts';
import { batchStopped, cancelled } from './end-reasons.ts';
import { locksOf, type TaskLock } from './locks.ts';
import { makeReservedLocks } from './reserved-locks.ts';
import { beginJournal } from './run-journal.ts';
import { makeWaitingList, type Waiting } from './waiting-list.ts';

/** What one look at the queue needs to know. */
interface Look {
  /** The locks of running tasks. */
  held: readonly TaskLock[];
  /** How many more tasks may run. */
  room: number;
  /** Called for a task that was marked as running; it holds these locks from now on. */
  start(id: number, locks: TaskLock[]): void;
  /** Called with tasks that ended without having begun. */
  ended(ids: readonly number[]): void;
}

/** Turns waiting tasks into running ones. */
export interface Claims {
  /**
   * Starts tasks while there is room, oldest first, and ends those that will not run. True if there is more to do at
   * once: one look is short enough not to block this process.
   */
  look(look: Look): boolean;
}

/** The most tasks that one look ends. */
const END_AT_ONCE = 25;

/** A task that ends without having begun. */
type Ending = Waits & { state: TaskEnd; error: unknown };
type Waits = Pick<WaitingTask, 'id' | 'objectKind' | 'objectName'>;

interface Beginning {
  definition: AnyTask;
  context: Json;
}

/** Creates the claims of a root's worker. A task's context is created when it starts. */
export function makeClaims(db: Inventory, root: string, tasks: Tasks): Claims {
  const reserved = makeReservedLocks();
  const list = makeWaitingList(db, reserved, tasks);

  function look({ held, room, start, ended }: Look): boolean {
    const endings: Ending[] = [];
    for (const task of tasksToCancel(db, 'queued', END_AT_ONCE)) end(task, 'cancelled', cancelled(task.id));
    const batchOf = readBatches(db);
    let left = room;
    reserved.begin(held);
    if (left > 0) list.walk(visit);
    if (endings.length > 0) {
      endAll(db, endings);
      ended(endings.map(({ id }) => id));
    }
    return endings.length >= END_AT_ONCE || (left > 0 && list.unread);

    function visit(waiting: Waiting): 'next' | 'last' {
      const { task } = waiting;
      const batch = batchOf(task);
      if (batch?.stopped) end(task, 'cancelled', batchStopped(task.id));
      // A task that only waits for its turn in its batch reserves no locks: that may take hours.
      else if (batch?.room !== 0) {
        const outcome = reserved.conflict(waiting.locks) ? 'waits' : tryStart(waiting);
        // Locks that an earlier task waits for are reserved for it: tasks on one object run in the order in which they
        // were queued.
        if (outcome !== 'gone') reserved.reserve(waiting.locks);
        if (outcome === 'started') left -= 1;
        if (outcome === 'started' && batch) batch.room -= 1;
      }
      return left === 0 || endings.length >= END_AT_ONCE ? 'last' : 'next';
    }

    function end(task: Waits, state: TaskEnd, error: unknown): void {
      list.drop(task.id);
      endings.push({ ...task, state, error });
    }

    function tryStart(waiting: Waiting): 'started' | 'waits' | 'gone' {
      const task = findTask(db, waiting.task.id);
      const begin = task && beginning(task);
      if (!task || !begin) {
        list.drop(waiting.task.id);
        return 'gone';
      }
      if ('error' in begin) {
        end(waiting.task, 'failed', begin.error);
        return 'gone';
      }
      // The row may have changed since.
      waiting.locks = reserved.placed(locksOf(tasks, task, begin.context));
      if (reserved.conflict(waiting.locks)) return 'waits';
      list.drop(task.id);
      if (!claim(task.id, begin)) return 'gone';
      start(task.id, waiting.locks);
      return 'started';
    }
  }

  /**
   * Marks a task as running, with its journal; false if it may not start any more. This does not wait for the disk: nothing
   * has been changed before a step has recorded what it will change, which does wait, and takes this along. A task whose
   * claim was lost with the power is still queued, and begins again.
   */
  function claim(id: number, { context, definition }: Beginning): boolean {
    let claimed = false;
    commitLazily(db, () =>
      transact(db, () => {
        claimed = startTask(db, id, context) && beginJournal(db, id, definition);
      }),
    );
    return claimed;
  }

  /** The context of a task that starts, or the reason why it cannot. */
  function beginning({ type, objectKind, objectName, args }: TaskRow): Beginning | { error: unknown } {
    try {
      const context = contextOf(db, root, objectKind, objectName, args) as unknown as Json;
      return { definition: tasks.of(type), context };
    } catch (error) {
      return { error };
    }
  }

  return { look };
}

/**
 * Reads the state of a waiting task's batch, once per batch: how many more of its tasks may run, and whether it was
 * stopped.
 */
function readBatches(db: Inventory): (task: WaitingTask) => { room: number; stopped: boolean } | undefined {
  const read = new Map<string, { room: number; stopped: boolean }>();
  return ({ batch: id, atOnce, stopOnFailure }) => {
    if (id === null || atOnce === null) return undefined;
    const known = read.get(id);
    if (known) return known;
    const { running, failed } = batchNow(db, id);
    const batch = { room: Math.max(0, atOnce - running), stopped: stopOnFailure === 1 && failed };
    read.set(id, batch);
    return batch;
  };
}

function endAll(db: Inventory, endings: Ending[]): void {
  transact(db, () => {
    for (const { id, objectKind, objectName, state, error } of endings) {
      removeCreated(db, objectKind, objectName);
      endTask(db, id, { state, error: describeError(error) });
    }
  });
}
