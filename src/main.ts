import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { outliveReader } from './cli/reader-gone.ts';
import { VERSION } from './version.ts';

// Compiled code of an earlier start is used again; a folder that cannot be written only costs that.
// Where nobody else can write: what lies there is run as whoever starts this. /tmp is everybody's.
enableCompileCache?.(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'aegir'));

outliveReader();
process.exitCode = await main(process.argv.slice(2));

/** A terminal and no words: the console. No terminal and no words: the status. Words: a command. */
async function main(words: string[]): Promise<number> {
  const [{ takeGlobalOptions }, { takeScreenOptions }] = await Promise.all([
    import('./cli/global-options.ts'),
    import('./cli/screen-options.ts'),
  ]);
  const { options, rest } = takeGlobalOptions(words);
  try {
    const { screen, rest: command } = takeScreenOptions(rest);
    if (command.length > 0) return (await import('./cli/program.ts')).runWords(words, VERSION);
    if (!process.stdin.isTTY || !process.stdout.isTTY) {
      const asked = words.filter((word) => !rest.includes(word));
      return (await import('./cli/program.ts')).runWords(['status', ...asked], VERSION);
    }
    const [{ openConsole }, { chooseRoot }] = await Promise.all([
      import('./cli/console.ts'),
      import('./worker/open-root.ts'),
    ]);
    const { readOnly, color, dryRun } = options;
    return await openConsole(chooseRoot(options.root), { readOnly, color, dryRun, version: VERSION, screen });
  } catch (error) {
    const { exitCode, makeOutput } = await import('./cli/output.ts');
    makeOutput(options).error(error);
    return exitCode(error);
  }
}
