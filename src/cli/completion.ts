import type { Command, Option } from 'commander';
import { themeNames } from '../state/store/config.ts';
import { globalOptionHelp } from './global-options.ts';
import { screenOptionHelp } from './screen-options.ts';

/** A possible completion of a word, with a description. */
export interface Completion {
  word: string;
  about: string;
}

/** The kinds of names that can be completed. */
export type NameKind = 'sites' | 'platforms' | 'servers' | 'clients' | 'tasks' | 'backups';
export type NamesOfKind = (kind: NameKind, prefix: string) => string[];

/**
 * The completions of the last word: commands, options, their values, names of objects. None where the program has no
 * list of what is possible; shells then offer files.
 */
export function completionsOf(program: Command, words: readonly string[], names: NamesOfKind): Completion[] {
  const prefix = words.at(-1) ?? '';
  if (words.slice(0, -1).includes('--')) return [];
  const { command, path, given, waiting } = readWords(program, words.slice(0, -1));
  const fits = ({ word }: Completion): boolean => word.startsWith(prefix);
  if (waiting) return valuesOf(waiting, path, names, prefix).filter(fits);
  if (prefix.startsWith('-')) return optionsOf(command).filter(fits);
  if (command.commands.length > 0) return commandsOf(command).filter(fits);
  return argumentsOf(command, path, given, names, prefix).filter(fits);
}

interface ReadWords {
  command: Command;
  /** `site`, `install` */
  path: string[];
  /** How many arguments of the command precede the last word. */
  given: number;
  /** The option whose value the last word is. */
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
  [...globalOptionHelp, ...screenOptionHelp].some(({ word: known, value }) => value && known === word);

const commandsOf = (command: Command): Completion[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((known) => ({ word: known.name(), about: known.description() }));

const optionsOf = (command: Command): Completion[] => [
  ...command.options.flatMap(({ long, description }) => (long ? [{ word: long, about: description }] : [])),
  ...globalOptionHelp,
  ...(command.parent ? [] : screenOptionHelp),
  { word: '--help', about: 'how to use it, with an example' },
];

/** The values of an option: its choices, or names of the objects that it takes. */
function valuesOf(option: Option | string, path: readonly string[], names: NamesOfKind, prefix: string): Completion[] {
  const long = typeof option === 'string' ? option : (option.long ?? '');
  const listed = typeof option === 'string' ? undefined : option.argChoices;
  if (listed) return named(listed);
  if (long === '--theme') return named(themeNames);
  if (long === '--confirm') return named(path[0] === 'site' ? names('sites', prefix) : names('platforms', prefix));
  const kind = byOption[long];
  return kind ? named(names(kind, prefix)) : [];
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
  prefix: string,
): Completion[] {
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  const argument = registeredArguments[given] ?? (last?.variadic ? last : undefined);
  if (!argument) return [];
  if (argument.argChoices) return named(argument.argChoices);
  const kind = byArgument[argument.name()] ?? byGroup[`${path[0]} ${argument.name()}`];
  // These commands take the name of a new object.
  const creates = ['site install', 'site clone', 'site import', 'platform add', 'client add'].includes(path.join(' '));
  return kind && !creates ? named(names(kind, prefix)) : [];
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
