import { keepCompiledCode } from './cli/compiled-code.ts';
import { outliveReader } from './cli/reader-gone.ts';
import type { Program } from './provision/program.ts';
import { VERSION } from './version.ts';

keepCompiledCode();
outliveReader();
process.exitCode = await main(process.argv.slice(2));

/** The program with its parts: the heavy part of what is loaded, which the console's first frame does not need. */
async function loadProgram(): Promise<Program> {
  return (await import('./provision/standard.ts')).standardProgram;
}

/** A terminal and no words: the console. No terminal and no words: the status. Words: a command. */
async function main(words: string[]): Promise<number> {
  const [{ takeGlobalOptions }, { takeScreenOptions }] = await Promise.all([
    import('./cli/global-options.ts'),
    import('./cli/screen-options.ts'),
  ]);
  const { options, rest } = takeGlobalOptions(words);
  try {
    const { screen, rest: command } = takeScreenOptions(rest);
    if (command.length > 0) return (await import('./cli/program.ts')).runWords(words, VERSION, await loadProgram());
    if (!process.stdin.isTTY || !process.stdout.isTTY) {
      const asked = words.filter((word) => !rest.includes(word));
      return (await import('./cli/program.ts')).runWords(['status', ...asked], VERSION, await loadProgram());
    }
    const [{ openConsole }, { chooseRoot }] = await Promise.all([
      import('./cli/console.ts'),
      import('./worker/open-root.ts'),
    ]);
    const { readOnly, color, dryRun } = options;
    return await openConsole(chooseRoot(options.root), {
      readOnly,
      color,
      dryRun,
      version: VERSION,
      screen,
      loadProgram,
    });
  } catch (error) {
    const { exitCode, makeOutput } = await import('./cli/output.ts');
    makeOutput(options).error(error);
    return exitCode(error);
  }
}
