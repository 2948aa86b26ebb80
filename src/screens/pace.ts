import type { ConsoleStore } from '../state/model/store.ts';

/**
 * A store whose listeners draw: at most so many frames a second, and a key never waits for what was drawn by itself.
 * A frame may be drawn when the one before has had its time; what a key has changed may borrow the time of the next
 * frame. So a progress that was drawn just now holds up no key, and keys that come faster are drawn together.
 * A change of size is drawn at once: until then the lines on the screen have another width than the terminal.
 */
export function paceFrames(store: ConsoleStore, framesPerSecond: number): ConsoleStore {
  const gap = 1000 / framesPerSecond;
  const listeners = new Set<() => void>();
  /** From when on the next frame is in time. */
  let due = 0;
  let timer: NodeJS.Timeout | undefined;
  /** What has changed since the last frame. */
  let changed: { byKey: boolean } | undefined;
  let turn: 'key' | 'size' | undefined;
  let unsubscribe: (() => void) | undefined;

  function notice(): void {
    if (turn === 'size') {
      draw();
      return;
    }
    const byKey = turn === 'key';
    // Once a turn: all keys that came together are one change.
    if (!changed || (byKey && !changed.byKey)) queueMicrotask(drawInTime);
    changed = { byKey: byKey || changed?.byKey === true };
  }

  function drawInTime(): void {
    clearTimeout(timer);
    if (!changed) return;
    const wait = due - (changed.byKey ? gap : 0) - performance.now();
    if (wait > 0) timer = setTimeout(drawInTime, wait);
    else draw();
  }

  function draw(): void {
    clearTimeout(timer);
    changed = undefined;
    due = Math.max(due, performance.now()) + gap;
    for (const listener of listeners) listener();
  }

  function by<A extends unknown[]>(what: 'key' | 'size', work: (...given: A) => void): (...given: A) => void {
    return (...given) => {
      turn = what;
      try {
        work(...given);
      } finally {
        turn = undefined;
      }
    };
  }

  return {
    ...store,
    press: by('key', store.press),
    paste: by('key', store.paste),
    resize: by('size', store.resize),
    subscribe(listener) {
      listeners.add(listener);
      unsubscribe ??= store.subscribe(notice);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearTimeout(timer);
        changed = undefined;
        unsubscribe?.();
        unsubscribe = undefined;
      };
    },
  };
}
