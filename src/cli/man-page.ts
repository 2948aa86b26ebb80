import type { Command, Option } from 'commander';
import { globalOptionWords } from './global-options.ts';
import { screenOptionWords } from './screen-options.ts';

/** The manual page of the program as roff (man(7)), from the command line as commander knows it. */
export function manPage(program: Command, version: string): string {
  return [
    `.\\" Made from the command line itself; npm run docs writes it.`,
    `.TH AEGIR 1 "" "aegir ${version}" "User Commands"`,
    ...section('NAME', ['aegir \\- host PHP sites on your own server, from a terminal']),
    ...section('SYNOPSIS', ['.B aegir', '[\\fIoptions\\fR]', '.br', '.B aegir', '\\fIcommand\\fR [\\fIoptions\\fR]']),
    ...section('DESCRIPTION', paragraphs(description)),
    ...section('COMMANDS', groupsOf(program).flatMap(commandLines)),
    ...section('OPTIONS OF EVERY COMMAND', globalOptionWords.flatMap(wordLines)),
    ...section('OPTIONS OF THE CONSOLE', screenOptionWords.flatMap(wordLines)),
    ...section(
      'EXIT STATUS',
      exits.flatMap(([code, about]) => item(code, about)),
    ),
    ...section(
      'ENVIRONMENT',
      variables.flatMap(([name, about]) => item(name, about)),
    ),
    ...section(
      'FILES',
      files.flatMap(([name, about]) => item(name, about)),
    ),
    ...section('EXAMPLES', examplesOf(program)),
    '',
  ].join('\n');
}

const description = [
  'Each site gets its own Unix user, PHP pool and database account; the code of a CMS is shared by its sites and belongs to root. What is done is a task: undone when it fails, finished or undone when the power goes in its middle.',
  'Without words and on a terminal it opens the console, where ? lists all keys. Without a terminal it prints the status. Every command has --help, with an example.',
];

const exits: [string, string][] = [
  ['0', 'Done, a warning included.'],
  ['1', 'The task failed or was cancelled.'],
  ['2', 'Wrong use; nothing was queued.'],
  ['3', 'Refused now, with the reason and what would make it possible.'],
  ['4', 'No such object, with the nearest names.'],
  ['130', 'Interrupted.'],
];

const variables: [string, string][] = [
  ['AEGIR_ROOT', 'The root to work on, where no --root names one.'],
  ['NO_COLOR', 'No colours.'],
  ['TERM', 'Where it is dumb, or not set, the console and tasks --watch write lines and draw nothing over.'],
  ['VISUAL, EDITOR', 'The editor of site edit.'],
  ['AEGIR_DEBUG', 'With 1, errors say where in the program they were.'],
];

const files: [string, string][] = [
  [
    '/var/aegir',
    'What a server keeps: inventory, platforms, sites, backups. Any other root holds all of its files itself.',
  ],
  ['/etc/aegir', 'What people write: config.json, and below sites the lines of their own for each site.'],
  ['/var/log/aegir', 'Logs of the services, a folder a site.'],
];

function groupsOf(program: Command): Command[] {
  const leaves = (command: Command): Command[] =>
    command.commands.length > 0 ? shown(command).flatMap(leaves) : [command];
  return shown(program).flatMap(leaves);
}

/** Those that are for people. */
const shown = (command: Command): Command[] => [...command.createHelp().visibleCommands(command)];

function commandLines(command: Command): string[] {
  return [
    '.TP',
    `.B ${plain(`${pathOf(command)} ${argumentsOf(command)}`.trim())}`,
    ...text(command.description()),
    ...command.options.flatMap(optionLines),
  ];
}

function optionLines({ flags, description: about, argChoices }: Option): string[] {
  const choices = argChoices ? ` One of ${argChoices.join(', ')}.` : '';
  return ['.RS', '.TP', `.B ${plain(flags)}`, ...text(`${about}${choices}`), '.RE'];
}

const pathOf = (command: Command): string =>
  command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

const argumentsOf = ({ registeredArguments }: Command): string =>
  registeredArguments
    .map((argument) => {
      const name = argument.name() + (argument.variadic ? '...' : '');
      return argument.required ? name.toUpperCase() : `[${name.toUpperCase()}]`;
    })
    .join(' ');

/** The examples of the help pages. */
function examplesOf(program: Command): string[] {
  const found = groupsOf(program).flatMap((command) => {
    let help = '';
    command.configureOutput({ writeOut: (words) => (help += words) }).outputHelp();
    return /Example:\n((?: {2}.*\n?)+)/.exec(help)?.[1]?.trim().split('\n') ?? [];
  });
  return found.flatMap((line) => ['.PP', '.nf', plain(line.trim()), '.fi']);
}

const section = (title: string, lines: string[]): string[] => [`.SH ${title}`, ...lines];
const item = (name: string, about: string): string[] => ['.TP', `.B ${plain(name)}`, ...text(about)];
const wordLines = ({ word, value, about }: (typeof globalOptionWords)[number]): string[] =>
  item(value ? `${word} ${value}` : word, about);
const paragraphs = (all: string[]): string[] => all.flatMap((one) => ['.PP', ...text(one)]);

/** A text as lines of roff: none begins with a sign that roff would obey. */
const text = (words: string): string[] => [plain(words).replace(/^([.'])/, '\\&$1')];

/** Signs that roff would take for its own, or draw in another way (groff_char(7)). */
const plain = (words: string): string =>
  words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('’', '\\(cq')
    .replaceAll('…', '...');
