import { expect, it } from 'vitest';
import { together } from '../../../src/provision/host/together.ts';

const untilStopped = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

it('counts the progress of both as one', async () => {
  const seen: number[] = [];
  const both = await together({ onProgress: (done) => seen.push(done) }, [
    async ({ onProgress }) => {
      onProgress?.(10, 0, 'bytes');
      return 'a';
    },
    async ({ onProgress }) => {
      onProgress?.(5, 0, 'bytes');
      onProgress?.(7, 0, 'bytes');
      return 2;
    },
  ]);
  expect(both).toEqual(['a', 2]);
  expect(seen).toEqual([10, 15, 17]);
});

it('ends the other where one fails, waits for it, and says why', async () => {
  let otherEnded = false;
  const works = together({}, [
    ({ signal }) =>
      untilStopped(signal).finally(async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        otherEnded = true;
      }),
    async () => {
      throw new Error('the disk is full');
    },
  ]);
  await expect(works).rejects.toThrow('the disk is full');
  expect(otherEnded).toBe(true);
});

it('is cancelled as a whole', async () => {
  const cancel = new AbortController();
  const works = together({ signal: cancel.signal }, [
    ({ signal }) => untilStopped(signal),
    ({ signal }) => untilStopped(signal),
  ]);
  cancel.abort(new Error('cancelled by admin'));
  await expect(works).rejects.toThrow('cancelled by admin');
});
