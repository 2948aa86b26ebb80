import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { paceFrames } from '../../src/screens/pace.ts';
import type { ConsoleStore } from '../../src/state/model/store.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A store that tells its listeners of each key and each `change`; `frames` are the milliseconds at which it is drawn. */
function openPaced(framesPerSecond: number) {
  const listeners = new Set<() => void>();
  const change = (): void => {
    for (const listener of listeners) listener();
  };
  const store = {
    press: change,
    paste: change,
    resize: change,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as ConsoleStore;
  const paced = paceFrames(store, framesPerSecond);
  const began = performance.now();
  const frames: number[] = [];
  const stop = paced.subscribe(() => frames.push(Math.round(performance.now() - began)));
  return { paced, change, frames, stop, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

describe('the pace of frames', () => {
  it('draws a key at once, also right behind a frame that nobody asked for', async () => {
    const { paced, change, frames, pass } = openPaced(10);
    change();
    await pass(5);
    paced.press('j');
    await pass(0);
    expect(frames).toEqual([0, 5]);
  });

  it('draws a key at once while another change waits to be drawn, and both then', async () => {
    const { paced, change, frames, pass } = openPaced(10);
    change();
    await pass(5);
    change();
    await pass(5);
    paced.press('j');
    await pass(300);
    expect(frames).toEqual([0, 10]);
  });

  it('draws no more than so many frames a second, whatever changes, and the last change always', async () => {
    const { change, frames, pass } = openPaced(10);
    for (let time = 0; time < 1000; time += 4) {
      change();
      await pass(4);
    }
    await pass(200);
    expect(frames).toHaveLength(11);
    expect(frames.at(-1)).toBe(1000);
  });

  it('draws keys that come faster together: one frame more than so many a second', async () => {
    const { paced, change, frames, pass } = openPaced(10);
    for (let time = 0; time < 1000; time += 4) {
      paced.press('j');
      change();
      await pass(4);
    }
    await pass(200);
    expect(frames.slice(0, 3)).toEqual([0, 4, 100]);
    expect(frames).toHaveLength(12);
  });

  it('draws keys that came as one piece once', async () => {
    const { paced, frames, pass } = openPaced(10);
    for (const key of 'shop') paced.press(key);
    await pass(300);
    expect(frames).toEqual([0]);
  });

  it('draws another size before the turn ends, and nothing once nobody listens', async () => {
    const { paced, change, frames, stop, pass } = openPaced(10);
    change();
    await pass(1);
    paced.resize(80, 24);
    expect(frames).toEqual([0, 1]);
    change();
    stop();
    await pass(500);
    expect(frames).toEqual([0, 1]);
  });
});
