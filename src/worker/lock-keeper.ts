import type { TaskLock } from './locks.ts';

/** A lock as a keeper knows it: all of one name share a place. */
export interface PlacedLock extends TaskLock {
  place: Place;
}

/** In which walk a lock of this name was kept last, and whether one of them was exclusive. */
interface Place {
  walk: number;
  exclusive: boolean;
}

/** Keeps the locks that tasks hold or wait for during a walk over very many: `locksMeet`, without comparing names. */
export interface LockKeeper {
  /** Locks for later walks. */
  placed(locks: readonly TaskLock[]): PlacedLock[];
  /** Begins a walk: nothing is kept but these. */
  begin(held: readonly TaskLock[]): void;
  /** True when these may not be held beside what is kept. */
  meet(locks: readonly PlacedLock[]): boolean;
  keep(locks: readonly PlacedLock[]): void;
}

/** Makes one. */
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
