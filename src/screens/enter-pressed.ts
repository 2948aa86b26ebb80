/** Waits for enter, so that the output of another program can be read; resolves also when input has ended. */
export async function enterPressed(): Promise<void> {
  const { stdin, stdout } = process;
  stdout.write('\nPress enter to go back to the console. ');
  await new Promise<void>((resolve) => {
    // Read as Ink reads it: once such a stream flows by 'data', its 'readable' does not come back.
    const read = (): void => {
      if (stdin.read() === null && !stdin.readableEnded) return;
      stdin.off('readable', read);
      stdin.off('end', read);
      resolve();
    };
    stdin.ref();
    stdin.on('readable', read);
    stdin.on('end', read);
  });
}
