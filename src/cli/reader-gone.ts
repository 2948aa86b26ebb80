const gone = new AbortController();

/** Ends when whoever reads our output has gone, as `head` does; what would print for ever ends by it. */
export const readerGone: AbortSignal = gone.signal;

/**
 * A reader, or a terminal, that has gone is no fault: nothing is said, and what the command has begun goes on to its end. Any other
 * error of the output is thrown as before.
 */
export function outliveReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      gone.abort();
    });
  }
}
