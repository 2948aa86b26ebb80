import type { Command, Option } from 'commander';
import { themeNames } from '../state/store/config.ts';
import { globalOptionWords } from './global-options.ts';
import { screenOptionWords } from './screen-options.ts';

/** A word that can stand where one is typed, and what it is. */
export interface Completion {
  word: string;
  about: string;
}

/** What names may stand somewhere: of objects of a kind, or what a field of a task offers. */
export type NameKind = 'sites' | 'platforms' | 'servers' | 'clients' | 'tasks' | 'backups';
export type NamesOfKind = (kind: NameKind, begun: string) => string[];

/**
 * What the last of the words can become: commands, options, their values, names of objects. Nothing where only the
 * person can know it; shells then offer files.
 */
export function completionsOf(program: Command, words: readonly string[], names: NamesOfKind): Completion[] {
  const begun = words.at(-1) ?? '';
  if (words.slice(0, -1).includes('--')) return [];
  const { command, path, given, waiting } = readWords(program, words.slice(0, -1));
  const fits = ({ word }: Completion): boolean => word.startsWith(begun);
  if (waiting) return valuesOf(waiting, path, names, begun).filter(fits);
  if (begun.startsWith('-')) return optionsOf(command).filter(fits);
  if (command.commands.length > 0) return commandsOf(command).filter(fits);
  return argumentsOf(command, path, given, names, begun).filter(fits);
}

interface ReadWords {
  command: Command;
  /** `site`, `install` */
  path: string[];
  /** How many arguments the command has been given. */
  given: number;
  /** The option whose value comes next. */
  waiting: Option | string | undefined;
}

function readWords(program: Command, words: readonly string[]): ReadWords {
  const read: ReadWords = { command: program, path: [], given: 0, waiting: undefined };
  for (const word of words) {
    if (read.waiting) {
      read.waiting = undefined;
      continue;
    }
    if (word.startsWith('-')) {
      const option = read.command.options.find((known) => known.long === word);
      read.waiting = option?.required ? option : takesValue(word) ? word : undefined;
      continue;
    }
    const next = read.command.commands.find((known) => known.name() === word);
    if (next) {
      read.command = next;
      read.path.push(word);
    } else read.given += 1;
  }
  return read;
}

const takesValue = (word: string): boolean =>
  [...globalOptionWords, ...screenOptionWords].some(({ word: known, value }) => value && known === word);

const commandsOf = (command: Command): Completion[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((known) => ({ word: known.name(), about: known.description() }));

const optionsOf = (command: Command): Completion[] => [
  ...command.options.flatMap(({ long, description }) => (long ? [{ word: long, about: description }] : [])),
  ...globalOptionWords,
  ...(command.parent ? [] : screenOptionWords),
  { word: '--help', about: 'how it is used, with an example' },
];

/** A value that the option lists, or a name of what it is called after. */
function valuesOf(option: Option | string, path: readonly string[], names: NamesOfKind, begun: string): Completion[] {
  const long = typeof option === 'string' ? option : (option.long ?? '');
  const listed = typeof option === 'string' ? undefined : option.argChoices;
  if (listed) return named(listed);
  if (long === '--theme') return named(themeNames);
  if (long === '--confirm') return named(path[0] === 'site' ? names('sites', begun) : names('platforms', begun));
  const kind = byOption[long];
  return kind ? named(names(kind, begun)) : [];
}

const byOption: Record<string, NameKind> = {
  '--platform': 'platforms',
  '--client': 'clients',
  '--source': 'sites',
  '--backup': 'backups',
  '--sites': 'sites',
};

function argumentsOf(
  command: Command,
  path: readonly string[],
  given: number,
  names: NamesOfKind,
  begun: string,
): Completion[] {
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  const argument = registeredArguments[given] ?? (last?.variadic ? last : undefined);
  if (!argument) return [];
  if (argument.argChoices) return named(argument.argChoices);
  const kind = byArgument[argument.name()] ?? byGroup[`${path[0]} ${argument.name()}`];
  // What is made now has no name yet.
  const made = ['site install', 'site clone', 'site import', 'platform add', 'client add'].includes(path.join(' '));
  return kind && !made ? named(names(kind, begun)) : [];
}

const byArgument: Record<string, NameKind> = { uri: 'sites', id: 'tasks' };
const byGroup: Record<string, NameKind> = {
  'platform name': 'platforms',
  'platform from': 'platforms',
  'platform to': 'platforms',
  'server name': 'servers',
  'client name': 'clients',
  'backup name': 'backups',
};

const named = (words: readonly string[]): Completion[] => words.map((word) => ({ word, about: '' }));
