import type { Soon } from '../../provision/host/host.ts';

/**
 * Thrown where bytes of a log are needed that are still on their way from its host. Whoever reads changes nothing before
 * its bytes are there, so that it can be called again when they have come.
 */
export class NotYetRead extends Error {
  readonly coming: Promise<unknown>;

  constructor(coming: Promise<unknown>) {
    super('not yet read');
    this.coming = coming;
  }
}

/** What `work` returns: at once where its bytes are there, else as soon as they have come. */
export function whenRead<T>(work: () => T): Soon<T> {
  try {
    return work();
  } catch (error) {
    if (error instanceof NotYetRead) return error.coming.then(() => whenRead(work));
    throw error;
  }
}

/** What `work` returns, if its bytes are there; else undefined, and `read` is called when they have come. */
export function ifRead<T>(work: () => T, read: () => void): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NotYetRead)) throw error;
    void error.coming.then(read);
    return undefined;
  }
}

/** Goes on with an answer: at once if it is there. */
export const afterwards = <T, R>(answer: Soon<T>, next: (value: T) => Soon<R>): Soon<R> =>
  answer instanceof Promise ? answer.then(next) : next(answer);
