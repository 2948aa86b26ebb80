import { Command, CommanderError } from 'commander';
import { AegirError } from '../provision/model/errors.ts';
import type { Program } from '../provision/program.ts';
import type { Action } from './action.ts';
import { backupCommands } from './backups.ts';
import { clientCommands } from './clients.ts';
import { completionCommands } from './complete.ts';
import { refuseChange, refuseWithoutPlan } from './dry-run.ts';
import { engineCommands } from './engines.ts';
import { globalOptionHelp, takeGlobalOptions } from './global-options.ts';
import { interactiveCommands } from './interactive.ts';
import { platformCommands, siteCommands } from './objects.ts';
import { exitCode, makeOutput } from './output.ts';
import { platformMoveCommands } from './platform-moves.ts';
import { readActionOf } from './read-action.ts';
import { screenOptionHelp } from './screen-options.ts';
import { serverCommands } from './servers.ts';
import { makeSession } from './session.ts';
import {
  doctorCommand,
  setupCommand,
  statusCommand,
  tasksCommand,
  tryCommand,
  workerCommand,
} from './single-commands.ts';
import { logCommand } from './site-log.ts';
import { taskCommands } from './task-commands.ts';
import { taskGroup } from './tasks.ts';
import { chooseGlyphs, forTerminal } from './terminal-text.ts';

/** Runs a command line and returns the exit status. */
export async function runCommandLine(args: string[], version: string, program: Program): Promise<number> {
  const { options, rest } = takeGlobalOptions(args);
  chooseGlyphs(options.root);
  const out = makeOutput(options);
  const session = makeSession(options, out, program);
  let code = 0;
  const action: Action =
    (run) =>
    async (...given: unknown[]): Promise<void> => {
      // Commander passes the arguments, then the options, then the command.
      const values = given.at(-2) as Record<string, unknown>;
      const command = given.at(-1) as Command;
      if (options.dryRun) refuseWithoutPlan(command, program.tasks);
      else if (options.readOnly) refuseChange(command);
      code = await run(session, given.slice(0, -2) as string[], values);
    };
  try {
    await buildProgram(version, action, program).parseAsync(rest, { from: 'user' });
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

/** The whole command line as a commander program. */
export function buildProgram(version: string, action: Action, program: Program): Command {
  const top = topCommand(version);
  const group = (name: string, description: string): Command => top.command(name).description(description);
  const groups = {
    site: group('site', 'Sites: list, show, and change them.'),
    platform: group('platform', 'Platforms: the code that sites run on.'),
    server: group('server', 'Servers and their services.'),
    client: group('client', 'Clients: the owners of sites, and their quotas.'),
    task: group('task', 'Tasks: the queue and its history.'),
  };
  engineCommands(group('engine', 'Engines: the supported CMSs.'), action);
  backupCommands(group('backup', 'Backups: list, show, check, delete.'), action);
  const look = readActionOf(action);
  siteCommands(groups.site, look);
  interactiveCommands(groups.site, action);
  logCommand(groups.site, action);
  platformCommands(groups.platform, look);
  platformMoveCommands(groups.platform, action);
  serverCommands(groups.server, look);
  clientCommands(groups.client, action);
  taskCommands(groups, action, program.tasks);
  taskGroup(groups.task, action);
  tasksCommand(top, action);
  statusCommand(top, action);
  workerCommand(top, action);
  tryCommand(top, action, version);
  setupCommand(top, action);
  completionCommands(top, action);
  doctorCommand(top, action);
  for (const command of allCommands(top))
    command.helpCommand(false).exitOverride().configureOutput(helpOutput).allowExcessArguments(false);
  return top;
}

const topCommand = (version: string): Command =>
  new Command('aegir')
    .description('Host PHP sites on your own server. Without arguments it opens the console.')
    .version(version)
    .addHelpText('after', globalHelp);

/** Help goes to the terminal as usual; `commanderError` makes our own form of errors. */
const helpOutput = {
  outputError: () => {},
  writeOut: (text: string) => void process.stdout.write(forTerminal(text)),
  writeErr: (text: string) => void process.stderr.write(forTerminal(text)),
};

const allCommands = (command: Command): Command[] => [command, ...command.commands.flatMap(allCommands)];

const optionLine = ({ word, value = '', about }: (typeof globalOptionHelp)[number]): string =>
  `  ${`${word} ${value}`.padEnd(16)} ${about}`;

const globalHelp = `
Options of every command:
${globalOptionHelp.map(optionLine).join('\n')}

Options of the console (aegir without a command):
${screenOptionHelp.map(optionLine).join('\n')}
  These and other settings can be set permanently in config.json, under "console": see docs/cli.md.

Exit status: 0 success, 1 the task failed, 2 usage error, 3 refused, 4 no such object, 130 interrupted.`;

/** An error of commander in our own form; undefined for --help and --version, which are not errors. */
function commanderError(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.exitCode === 0) return undefined;
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\s+/g, ' ')
    .replace(/\.$/, '');
  if (error.code === 'commander.help')
    return new AegirError('USAGE', 'the command is incomplete', 'The possible commands are listed above.');
  return new AegirError('USAGE', message, 'See: aegir --help');
}
