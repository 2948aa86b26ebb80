import { isUnwritable, transact } from '../db/inventory.ts';
import { describeError, type ErrorDocument } from '../provision/model/errors.ts';
import { ringBell } from './bell.ts';
import type { Queue } from './queue-access.ts';

/** Something that is done with each of many in the inventory, a slice at a time. */
export interface Slices<T> {
  readonly total: number;
  /** How many have had their turn. */
  readonly done: number;
  /** What it was done with, and the id of the task that it gave. */
  readonly given: readonly { item: T; id: number }[];
  /** What was refused, and why. */
  readonly refused: readonly { item: T; error: ErrorDocument }[];
  /** Does the next slice; false when it was the last. What has come so far stays when it throws. */
  next(): boolean;
}

/** What a process can spare at once: a frame is drawn thirty times a second. A few are done at once in any case. */
const SLICE_MS = 20;
const SLICE_LEAST = 20;

/**
 * Prepares them. A slice is one transaction, for each one waits for the disk; within it each has its own, so that what
 * one is refused stops no other and leaves nothing. Whoever listens is told after each slice. `next` throws where the
 * inventory cannot be written.
 */
export function inSlices<T>(
  { inventory, paths }: Pick<Queue, 'inventory' | 'paths'>,
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
