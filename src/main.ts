import { surviveClosedOutput } from './cli/closed-output.ts';
import { keepCompiledCode } from './cli/compiled-code.ts';
import type { Program } from './provision/program.ts';
import { VERSION } from './version.ts';

keepCompiledCode();
surviveClosedOutput();
process.exitCode = await main(process.argv.slice(2));

/** Loads the program with its parts, which takes long and which the console's first frame does not need. */
async function loadProgram(): Promise<Program> {
  return (await import('./provision/standard.ts')).standardProgram;
}

/** With a command, runs it. Without one, opens the console on a terminal, or else prints the status. */
async function main(args: string[]): Promise<number> {
  const [{ takeGlobalOptions }, { takeScreenOptions }] = await Promise.all([
    import('./cli/global-options.ts'),
    import('./cli/screen-options.ts'),
  ]);
  const { options, rest } = takeGlobalOptions(args);
  try {
    const { screen, rest: command } = takeScreenOptions(rest);
    if (command.length > 0)
      return (await import('./cli/program.ts')).runCommandLine(args, VERSION, await loadProgram());
    if (!process.stdin.isTTY || !process.stdout.isTTY) {
      const asked = args.filter((word) => !rest.includes(word));
      return (await import('./cli/program.ts')).runCommandLine(['status', ...asked], VERSION, await loadProgram());
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
