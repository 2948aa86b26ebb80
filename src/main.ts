import { enableCompileCache } from 'node:module';
import { VERSION } from './version.ts';

// Compiled code of an earlier start is used again; a folder that cannot be written only costs that.
enableCompileCache?.();

process.exitCode = await main(process.argv.slice(2));

/** A terminal and no words: the console. No terminal and no words: the status. Words: a command. */
async function main(words: string[]): Promise<number> {
  const { takeGlobalOptions } = await import('./cli/global-options.ts');
  const { options, rest } = takeGlobalOptions(words);
  if (rest.length > 0) return (await import('./cli/program.ts')).runWords(words, VERSION);
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    return (await import('./cli/program.ts')).runWords(['status', ...words], VERSION);
  try {
    const [{ openConsole }, { chooseRoot }] = await Promise.all([
      import('./cli/console.ts'),
      import('./worker/open-root.ts'),
    ]);
    return await openConsole(chooseRoot(options.root), {
      readOnly: options.readOnly,
      color: options.color,
      version: VERSION,
    });
  } catch (error) {
    (await import('./cli/output.ts')).makeOutput(options).error(error);
    return 3;
  }
}
