const closed = new AbortController();

/** Aborted when the reader of our output has closed it, as `head` does; endless output ends then. */
export const outputClosed: AbortSignal = closed.signal;

/**
 * Ignores a closed pipe or terminal: it is not an error, and the command continues to its end. Other errors of the
 * output are thrown.
 */
export function surviveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      closed.abort();
    });
  }
}
