import { readerGone } from './reader-gone.ts';

/**
 * The signal that ends what goes on until somebody ends it; SIGPIPE when nobody reads it any more. Called before anything
 * is printed: who sees the first line may end it.
 */
export function untilEnded(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, resolve);
    readerGone.addEventListener('abort', () => resolve('SIGPIPE'));
  });
}
