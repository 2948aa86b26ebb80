import { afterEach, beforeEach, expect, it } from 'vitest';
import { beginWork, type ConsoleWorker } from '../../src/cli/console-work.ts';
import { waitUntil } from '../../src/provision/host/local/wait.ts';
import { tryWorkerLock } from '../../src/worker/worker-lock.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

let small: SmallRoot;
let worker: ConsoleWorker | undefined;

beforeEach(() => {
  small = openSmallRoot();
});
afterEach(async () => {
  await worker?.drain();
  worker = undefined;
  small.remove();
});

it('a console of an older program leaves the work to others, and does it where there are none', async () => {
  const { inventory, paths, program } = small.queue;
  let outdated = false;
  worker = beginWork({ inventory, paths, program }, () => outdated);
  const isFree = (): boolean => {
    const lock = tryWorkerLock(paths.workerLock);
    lock?.release();
    return lock !== undefined;
  };
  expect(isFree()).toBe(false);
  outdated = true;
  await waitUntil(isFree, 10_000);
  expect(isFree()).toBe(true);
  await waitUntil(() => !isFree(), 15_000);
  expect(isFree()).toBe(false);
});
