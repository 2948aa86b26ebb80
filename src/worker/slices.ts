import { isUnwritable, transact } from '../db/inventory.ts';
import { describeError, type ErrorDocument } from '../provision/model/errors.ts';
import { ringBell } from './bell.ts';
import type { Access } from './queue-access.ts';

/** Work on many items in the inventory, a slice at a time. */
export interface Slices<T> {
  readonly total: number;
  /** How many items have been processed. */
  readonly done: number;
  /** The processed items, each with the id of its task. */
  readonly given: readonly { item: T; id: number }[];
  /** The refused items, with the reason. */
  readonly refused: readonly { item: T; error: ErrorDocument }[];
  /** Processes the next slice; false after the last one. If it throws, the results of earlier slices stay. */
  next(): boolean;
}

/**
 * How long one slice may block the process, in milliseconds: a frame is drawn thirty times a second. A few items are
 * processed in any case.
 */
const SLICE_MS = 20;
const SLICE_LEAST = 20;

/**
 * Prepares the work. A slice is one transaction, since each commit waits for the disk; within it each item has its own
 * savepoint, so that a refused item stops no other and leaves nothing. Listeners are notified after each slice. `next`
 * throws if the inventory cannot be written.
 */
export function inSlices<T>(
  { inventory, paths }: Pick<Access, 'inventory' | 'paths'>,
  items: readonly T[],
  work: (item: T) => number,
): Slices<T> {
  let done = 0;
  const given: { item: T; id: number }[] = [];
  const refused: { item: T; error: ErrorDocument }[] = [];

  function next(): boolean {
    const until = performance.now() + SLICE_MS;
    const slice: { given: typeof given; refused: typeof refused } = { given: [], refused: [] };
    let place = done;
    transact(inventory, () => {
      for (; place < items.length && (place - done < SLICE_LEAST || performance.now() < until); place += 1) {
        const item = items[place] as T;
        try {
          slice.given.push({ item, id: inventory.transaction(() => work(item))() });
        } catch (error) {
          if (isUnwritable(error)) throw error;
          slice.refused.push({ item, error: describeError(error) });
        }
      }
    });
    done = place;
    given.push(...slice.given);
    refused.push(...slice.refused);
    ringBell(paths.bell);
    return done < items.length;
  }

  return {
    total: items.length,
    get done() {
      return done;
    },
    given,
    refused,
    next,
  };
}
