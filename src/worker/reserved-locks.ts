import type { TaskLock } from './locks.ts';

/** A lock with the place that all locks of its name share. */
export interface PlacedLock extends TaskLock {
  place: Place;
}

/** The walk in which a lock of this name was last reserved, and whether one of those locks was exclusive. */
interface Place {
  walk: number;
  exclusive: boolean;
}

/** The locks that tasks hold or wait for, during one walk over the queue: `locksConflict` without comparing names. */
export interface ReservedLocks {
  /** Looks up the places of locks, for this and later walks. */
  placed(locks: readonly TaskLock[]): PlacedLock[];
  /** Starts a walk, in which only these locks are reserved at first. */
  begin(held: readonly TaskLock[]): void;
  /** True if these locks conflict with reserved ones. */
  conflict(locks: readonly PlacedLock[]): boolean;
  reserve(locks: readonly PlacedLock[]): void;
}

/** Creates an empty set of reservations. */
export function makeReservedLocks(): ReservedLocks {
  const places = new Map<string, Place>();
  let walk = 0;

  function placed(locks: readonly TaskLock[]): PlacedLock[] {
    return locks.map((lock) => {
      const place = places.get(lock.name) ?? { walk: 0, exclusive: false };
      places.set(lock.name, place);
      return { ...lock, place };
    });
  }

  function reserve(locks: readonly PlacedLock[]): void {
    for (const { place, exclusive } of locks) {
      place.exclusive = exclusive || (place.walk === walk && place.exclusive);
      place.walk = walk;
    }
  }

  return {
    placed,
    reserve,
    begin(held) {
      walk += 1;
      reserve(placed(held));
    },
    conflict: (locks) => locks.some(({ place, exclusive }) => place.walk === walk && (exclusive || place.exclusive)),
  };
}
