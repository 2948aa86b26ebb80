import { Command, CommanderError } from 'commander';
import { AegirError } from '../provision/model/errors.ts';
import type { Program } from '../provision/program.ts';
import type { Action } from './action.ts';
import { backupCommands } from './backups.ts';
import { clientCommands } from './clients.ts';
import { completionCommands } from './complete.ts';
import { refuseChange, refuseWithoutPlan } from './dry-run.ts';
import { engineCommands } from './engines.ts';
import { globalOptionWords, takeGlobalOptions } from './global-options.ts';
import { interactiveCommands } from './interactive.ts';
import { lookOf } from './look.ts';
import { platformCommands, siteCommands } from './objects.ts';
import { exitCode, makeOutput } from './output.ts';
import { platformMoveCommands } from './platform-moves.ts';
import { screenOptionWords } from './screen-options.ts';
import { serverCommands } from './servers.ts';
import { makeSession } from './session.ts';
import { chooseGlyphs, shown } from './shown.ts';
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

/** Runs the words of a command line and returns the exit code. */
export async function runWords(words: string[], version: string, program: Program): Promise<number> {
  const { options, rest } = takeGlobalOptions(words);
  chooseGlyphs(options.root);
  const out = makeOutput(options);
  const session = makeSession(options, out, program);
  let code = 0;
  const action: Action =
    (run) =>
    async (...given: unknown[]): Promise<void> => {
      // Commander gives the arguments, then the options, then the command.
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

/** The whole command line, as commander knows it. */
export function buildProgram(version: string, action: Action, program: Program): Command {
  const top = topCommand(version);
  const group = (name: string, description: string): Command => top.command(name).description(description);
  const groups = {
    site: group('site', 'Sites: list, show, and all that can be done to one.'),
    platform: group('platform', 'Platforms: the code that sites run on.'),
    server: group('server', 'Servers and their services.'),
    client: group('client', 'Clients: who sites belong to, and how much they may have.'),
    task: group('task', 'Tasks: the queue and its history.'),
  };
  engineCommands(group('engine', 'Engines: the kinds of CMS that are known.'), action);
  backupCommands(group('backup', 'Backups: list, show, check, delete.'), action);
  const look = lookOf(action);
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
    .description('Host PHP sites on your own server. Without words it opens the console.')
    .version(version)
    .addHelpText('after', globalHelp);

/** Errors are said in our own form. */
const helpOutput = {
  outputError: () => {},
  writeOut: (text: string) => void process.stdout.write(shown(text)),
  writeErr: (text: string) => void process.stderr.write(shown(text)),
};

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
