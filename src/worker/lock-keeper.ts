import type { TaskLock } from './locks.ts';

/** A lock of a keeper: locks of one name share a place. */
export interface PlacedLock extends TaskLock {
  place: Place;
}

/** In which walk a lock of this name was last reserved, and whether one of them was exclusive. */
interface Place {
  walk: number;
  exclusive: boolean;
}

/** Reserves the locks that tasks hold or wait for during a walk over very many: `locksMeet` without comparing names. */
export interface LockKeeper {
  /** Prepares locks for later walks. */
  placed(locks: readonly TaskLock[]): PlacedLock[];
  /** Starts a walk: only these locks are reserved. */
  begin(held: readonly TaskLock[]): void;
  /** True if these locks conflict with reserved ones. */
  meet(locks: readonly PlacedLock[]): boolean;
  keep(locks: readonly PlacedLock[]): void;
}

/** Creates a keeper. */
export function makeLockKeeper(): LockKeeper {
  const places = new Map<string, Place>();
  let walk = 0;

  function placed(locks: readonly TaskLock[]): PlacedLock[] {
    return locks.map((lock) => {
      const place = places.get(lock.name) ?? { walk: 0, exclusive: false };
      places.set(lock.name, place);
      return { ...lock, place };
    });
  }

  function keep(locks: readonly PlacedLock[]): void {
    for (const { place, exclusive } of locks) {
      place.exclusive = exclusive || (place.walk === walk && place.exclusive);
      place.walk = walk;
    }
  }

  return {
    placed,
    keep,
    begin(held) {
      walk += 1;
      keep(placed(held));
    },
    meet: (locks) => locks.some(({ place, exclusive }) => place.walk === walk && (exclusive || place.exclusive)),
  };
}
