/** Asks for a line on the terminal; '' when input has ended. */
export async function askLine(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.ref();
  let typed = '';
  await new Promise<void>((resolve) => {
    // Read as Ink reads it, which may want it back: once such a stream flows by 'data', its 'readable' does not return.
    const read = (): void => {
      for (let chunk: unknown = stdin.read(); chunk !== null; chunk = stdin.read()) typed += String(chunk);
      if (!typed.includes('\n') && !stdin.readableEnded) return;
      stdin.off('readable', read);
      stdin.off('end', read);
      resolve();
    };
    stdin.on('readable', read);
    stdin.on('end', read);
  });
  stdin.unref?.();
  // What is printed next begins on a line of its own.
  if (!typed.includes('\n')) stderr.write('\n');
  return typed.split('\n')[0]?.trim() ?? '';
}
