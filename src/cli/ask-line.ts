/** Asks for a line on the terminal; returns '' at the end of input. */
export async function askLine(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.ref();
  let typed = '';
  await new Promise<void>((resolve) => {
    // Uses 'readable', as Ink may read stdin afterwards, and 'readable' events no longer come after a 'data' listener.
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
  // The next output begins on a new line.
  if (!typed.includes('\n')) stderr.write('\n');
  return typed.split('\n')[0]?.trim() ?? '';
}
