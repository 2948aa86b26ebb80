import type { Inventory } from '../db/inventory.ts';
import { sitesChanged } from '../db/site-lines.ts';
import { siteHandle } from '../db/sites.ts';
import { type WaitingTask, waitingAfter, waitingForSites } from '../db/waiting.ts';
import { canonicalUri } from '../provision/model/uri.ts';
import type { Tasks } from '../provision/tasks/model/tasks.ts';
import { locksBy } from './locks.ts';
import type { PlacedLock, ReservedLocks } from './reserved-locks.ts';

/** A waiting task and the locks that it needs. */
export interface Waiting {
  task: WaitingTask;
  locks: PlacedLock[];
}

/** The waiting tasks, cached by the worker between looks at the queue. */
export interface WaitingList {
  /** Visits tasks in the order of queueing until `visit` returns 'last'; reads more when the cache ends. */
  walk(visit: (waiting: Waiting) => 'next' | 'last'): void;
  /** True if some were not read yet; the next walk reads on. */
  readonly unread: boolean;
  /** Removes a task that is no longer waiting. */
  drop(id: number): void;
}

/** How many tasks are read at a time, which takes a few milliseconds. */
const READ_AT_ONCE = 250;

/**
 * Creates the list. A task costs one row with one join, read once, and again if its site has changed, which may have
 * moved to another platform. So the cost does not grow with the queue, except for the walk in memory.
 */
export function makeWaitingList(db: Inventory, reserved: Pick<ReservedLocks, 'placed'>, tasks: Tasks): WaitingList {
  /** By id. */
  const known = new Map<number, Waiting>();
  let readTo = 0;
  let unread = false;
  let { revision } = sitesChanged(db, -1);

  function walk(visit: (waiting: Waiting) => 'next' | 'last'): void {
    refresh();
    for (const waiting of known.values()) if (visit(waiting) === 'last') return;
    for (const waiting of readOn()) if (visit(waiting) === 'last') return;
  }

  function readOn(): Waiting[] {
    const next = waitingAfter(db, readTo, READ_AT_ONCE).map(withLocks);
    for (const waiting of next) known.set(waiting.task.id, waiting);
    readTo = next.at(-1)?.task.id ?? readTo;
    unread = next.length === READ_AT_ONCE;
    return next;
  }

  function refresh(): void {
    const changed = sitesChanged(db, revision);
    if (changed.revision === revision) return;
    revision = changed.revision;
    if (changed.uris) {
      for (const task of waitingForSites(db, changed.uris)) if (known.has(task.id)) known.set(task.id, withLocks(task));
    } else {
      // Too many sites have changed to be listed: everything is read again.
      known.clear();
      readTo = 0;
    }
  }

  function withLocks(task: WaitingTask): Waiting {
    // The name as it was typed is looked up one by one: there are few such tasks.
    const source = task.source === null ? null : (siteHandle(db, canonicalUri(task.source)) ?? null);
    return { task, locks: reserved.placed(locksBy(tasks, task, { ...task, source, target: task.target || null })) };
  }

  return {
    walk,
    get unread() {
      return unread;
    },
    drop: (id) => void known.delete(id),
  };
}
