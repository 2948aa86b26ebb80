import { Command, CommanderError, Option } from 'commander';
import { AegirError } from '../provision/model/errors.ts';
import { backupCommands } from './backups.ts';
import { handCommands } from './by-hand.ts';
import { clientCommands } from './clients.ts';
import { completionCommands } from './complete.ts';
import { refuseChange, refuseWithoutPlan } from './dry-run.ts';
import { engineCommands } from './engines.ts';
import { globalOptionWords, takeGlobalOptions } from './global-options.ts';
import { platformCommands, siteCommands } from './objects.ts';
import { exitCode, makeOutput } from './output.ts';
import { platformMoveCommands } from './platform-moves.ts';
import { screenOptionWords } from './screen-options.ts';
import { serverCommands } from './servers.ts';
import { makeSession, type Session } from './session.ts';
import { chooseGlyphs, shown } from './shown.ts';
import { logCommand } from './site-log.ts';
import { taskCommands } from './task-commands.ts';
import { showList, taskGroup } from './tasks.ts';

type Run = (session: Session, words: string[], values: Record<string, unknown>) => Promise<number> | number;

/** Runs the words of a command line and returns the exit code. */
export async function runWords(words: string[], version: string): Promise<number> {
  const { options, rest } = takeGlobalOptions(words);
  chooseGlyphs(options.root);
  const out = makeOutput(options);
  const session = makeSession(options, out);
  let code = 0;
  const action =
    (run: Run) =>
    async (...given: unknown[]): Promise<void> => {
      // Commander gives the arguments, then the options, then the command.
      const values = given.at(-2) as Record<string, unknown>;
      const command = given.at(-1) as Command;
      if (options.dryRun) refuseWithoutPlan(command);
      else if (options.readOnly) refuseChange(command);
      code = await run(session, given.slice(0, -2) as string[], values);
    };
  try {
    await buildProgram(version, action).parseAsync(rest, { from: 'user' });
    return code;
  } catch (error) {
    const known = commanderError(error);
    if (known === undefined) return 0;
    out.error(known);
    return exitCode(known);
  } finally {
    session.close();
  }
}

/** The whole command line, as commander knows it. */
export function buildProgram(version: string, action: (run: Run) => (...given: unknown[]) => Promise<void>): Command {
  const program = new Command('aegir');
  program
    .description('Host PHP sites on your own server. Without words it opens the console.')
    .version(version)
    .helpCommand(false)
    .addHelpText('after', globalHelp)
    .configureOutput(helpOutput)
    .exitOverride();
  const group = (name: string, description: string): Command => program.command(name).description(description);
  const groups = {
    site: group('site', 'Sites: list, show, and all that can be done to one.'),
    platform: group('platform', 'Platforms: the code that sites run on.'),
    server: group('server', 'Servers and their services.'),
    client: group('client', 'Clients: who sites belong to, and how much they may have.'),
    task: group('task', 'Tasks: the queue and its history.'),
  };
  engineCommands(group('engine', 'Engines: the kinds of CMS that are known.'), action);
  backupCommands(group('backup', 'Backups: list, show, check, delete.'), action);
  const simple = (run: (session: Session, ...words: string[]) => Promise<void> | void) =>
    action(async (session, words) => {
      await run(session, ...words);
      return 0;
    });
  siteCommands(groups.site, simple);
  handCommands(groups.site, action);
  logCommand(groups.site, action);
  platformCommands(groups.platform, simple);
  platformMoveCommands(groups.platform, action);
  serverCommands(groups.server, simple);
  clientCommands(groups.client, action);
  taskCommands(groups, action);
  taskGroup(groups.task, action);
  single(program, 'tasks', 'The newest tasks; with --watch, live.', 'aegir tasks --watch')
    .option('--watch', 'go on until ctrl-c; with --json a line for each task that changes')
    .action(
      action(async (session, _words, { watch }) =>
        watch ? (await import('./watch-tasks.ts')).watchTasks(session) : showList(session, {}, 20),
      ),
    );
  single(program, 'status', 'One screen: services, queue, what failed lately.', 'aegir status --json').action(
    action(async (session) => (await import('./status.ts')).showStatus(session)),
  );
  single(program, 'worker', 'Run the queue in the foreground.', 'aegir worker').action(
    action(async (session) => (await import('./worker.ts')).runWorker(session)),
  );
  single(program, 'try', 'A real site on this machine without root; then the console.', 'aegir try --name blog')
    .option('--name <name>', 'name of the site: NAME.localhost')
    .option('--title <title>', 'its title')
    .option('--from <source>', 'where the code comes from; see aegir platform add --help')
    .addOption(new Option('--php <kind>', 'a PHP of this machine, or PHP in WebAssembly').choices(['local', 'wasm']))
    .option('--port <number>', 'where it answers; 8088 or the next free one unless said')
    .option('--detach', 'do not open the console; a worker goes on in the background')
    .option('--stop', 'stop its services')
    .option('--remove', 'stop it and remove all of it')
    .action(action(async (session, _words, values) => (await import('./try.ts')).tryIt(session, values, version)));
  single(
    program,
    'setup',
    'Make this machine a server: packages, folders, services. Shows the plan first.',
    'aegir setup --dry-run',
  )
    .option('--replace <root>', 'take the place of another root on this machine; its sites go off')
    .action(
      action(async (session, _words, { replace }) => (await import('./setup.ts')).setUp(session, replace as string)),
    );
  completionCommands(program, action);
  single(program, 'doctor', 'Check what setup makes, and say how to mend what is wrong.', 'aegir doctor').action(
    action(async (session) => (await import('./setup.ts')).runDoctor(session)),
  );
  for (const command of allCommands(program))
    command.helpCommand(false).exitOverride().configureOutput(helpOutput).allowExcessArguments(false);
  return program;
}

/** Errors are said in our own form. */
const helpOutput = {
  outputError: () => {},
  writeOut: (text: string) => void process.stdout.write(shown(text)),
  writeErr: (text: string) => void process.stderr.write(shown(text)),
};

const single = (program: Command, name: string, description: string, example: string): Command =>
  program.command(name).description(description).addHelpText('after', `\nExample:\n  ${example}`);

const allCommands = (command: Command): Command[] => [command, ...command.commands.flatMap(allCommands)];

const optionLine = ({ word, value = '', about }: (typeof globalOptionWords)[number]): string =>
  `  ${`${word} ${value}`.padEnd(16)} ${about}`;

const globalHelp = `
Everywhere:
${globalOptionWords.map(optionLine).join('\n')}

The console, opened without words:
${screenOptionWords.map(optionLine).join('\n')}
  In config.json, below "console", they and more are set for good: docs/cli.md.

Exit codes: 0 done, 1 the task failed, 2 wrong use, 3 refused now, 4 no such object, 130 interrupted.`;

/** Commander's refusals in our own form; undefined for --help and --version, which are no errors. */
function commanderError(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.exitCode === 0) return undefined;
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\s+/g, ' ')
    .replace(/\.$/, '');
  if (error.code === 'commander.help')
    return new AegirError('USAGE', 'a word is missing', 'What can follow is listed above.');
  return new AegirError('USAGE', message, 'See: aegir --help');
}
