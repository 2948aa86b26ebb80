import type { ActOptions } from './host.ts';

/**
 * Runs several works of one step in parallel: if one fails the others are aborted, and all have ended when this
 * returns. Their progress is summed. Throws the error of the first that failed.
 */
export async function together<A, B>(
  live: ActOptions,
  works: [(live: ActOptions) => Promise<A>, (live: ActOptions) => Promise<B>],
): Promise<[A, B]> {
  const failed = new AbortController();
  const signal = live.signal ? AbortSignal.any([live.signal, failed.signal]) : failed.signal;
  const done = works.map(() => 0);
  const begin = <R>(work: (live: ActOptions) => Promise<R>, at: number): Promise<R> => {
    const onProgress = (reached: number, _total: number, unit: string): void => {
      done[at] = reached;
      live.onProgress?.(
        done.reduce((sum, each) => sum + each, 0),
        0,
        unit,
      );
    };
    const working = work({ ...live, signal, onProgress });
    working.catch((error: unknown) => failed.abort(error));
    return working;
  };
  const all: [Promise<A>, Promise<B>] = [begin(works[0], 0), begin(works[1], 1)];
  await Promise.allSettled(all);
  live.signal?.throwIfAborted();
  failed.signal.throwIfAborted();
  return Promise.all(all);
}
