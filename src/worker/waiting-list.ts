import type { Inventory } from '../db/inventory.ts';
import { sitesChanged } from '../db/site-lines.ts';
import { siteHandle } from '../db/sites.ts';
import { type WaitingTask, waitingAfter, waitingForSites } from '../db/waiting.ts';
import { canonicalUri } from '../provision/model/uri.ts';
import type { LockKeeper, PlacedLock } from './lock-keeper.ts';
import { locksBy } from './locks.ts';

/** A task that waits, and the locks that it needs. */
export interface Waiting {
  task: WaitingTask;
  locks: PlacedLock[];
}

/** The tasks that wait, as the worker knows them from one look at the queue to the next. */
export interface WaitingList {
  /** Visits them in the order in which they were queued, until a visit is the last; at the end of what is known it reads on. */
  walk(visit: (waiting: Waiting) => 'next' | 'last'): void;
  /** True where not all were read: the next time it goes on. */
  readonly unread: boolean;
  /** Forgets a task that waits no longer. */
  drop(id: number): void;
}

/** How many tasks are read at a time: what a process can spare in a few milliseconds. */
const READ_AT_ONCE = 250;

/**
 * Makes it. Of a task its row and one join are read, once, and again when its site has changed, which may have gone to
 * another platform. So it costs the same however many wait, but for a walk over what is in memory.
 */
export function makeWaitingList(db: Inventory, keeper: Pick<LockKeeper, 'placed'>): WaitingList {
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
      // More sites than anybody has noted: all is read anew.
      known.clear();
      readTo = 0;
    }
  }

  function withLocks(task: WaitingTask): Waiting {
    // As it was typed; there are few of them.
    const source = task.source === null ? null : (siteHandle(db, canonicalUri(task.source)) ?? null);
    return { task, locks: keeper.placed(locksBy(task, { ...task, source, target: task.target || null })) };
  }

  return {
    walk,
    get unread() {
      return unread;
    },
    drop: (id) => void known.delete(id),
  };
}
