import { outputClosed } from './closed-output.ts';

/**
 * Resolves with the signal that ends an endless command, or with SIGPIPE when its output is closed. Call it before the
 * first output: a reader of the first line may send the signal at once.
 */
export function endSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, resolve);
    outputClosed.addEventListener('abort', () => resolve('SIGPIPE'));
  });
}
