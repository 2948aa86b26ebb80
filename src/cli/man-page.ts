import type { Command, Option } from 'commander';
import { globalOptionHelp } from './global-options.ts';
import { screenOptionHelp } from './screen-options.ts';

/** The manual page of the program as roff (man(7)), generated from commander's commands and options. */
export function manPage(program: Command, version: string): string {
  return [
    `.\\" Generated from the command line by npm run docs.`,
    `.TH AEGIR 1 "" "aegir ${version}" "User Commands"`,
    ...section('NAME', ['aegir \\- host PHP sites on your own server, from a terminal']),
    ...section('SYNOPSIS', ['.B aegir', '[\\fIoptions\\fR]', '.br', '.B aegir', '\\fIcommand\\fR [\\fIoptions\\fR]']),
    ...section('DESCRIPTION', paragraphs(description)),
    ...section('COMMANDS', groupsOf(program).flatMap(commandLines)),
    ...section('OPTIONS OF EVERY COMMAND', globalOptionHelp.flatMap(wordLines)),
    ...section('OPTIONS OF THE CONSOLE', screenOptionHelp.flatMap(wordLines)),
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
  'Each site gets its own Unix user, PHP pool and database account. Sites of a CMS share its code, which belongs to root. Every change is a task, which is undone if it fails, and finished or undone after a crash or a power failure.',
  'Without arguments, aegir opens the console on a terminal, where ? lists all keys; without a terminal it prints the status. Every command has --help, with an example.',
];

const exits: [string, string][] = [
  ['0', 'Success, possibly with a warning.'],
  ['1', 'The task failed or was cancelled.'],
  ['2', 'Usage error; nothing was queued.'],
  ['3', 'Refused; stderr has the reason and what to do.'],
  ['4', 'No such object; stderr has similar names.'],
  ['130', 'Interrupted.'],
];

const variables: [string, string][] = [
  ['AEGIR_ROOT', 'The root folder, unless --root is given.'],
  ['NO_COLOR', 'No colours.'],
  ['TERM', 'If it is dumb or not set, the console and tasks --watch print plain lines.'],
  ['VISUAL, EDITOR', 'The editor for site edit.'],
  ['AEGIR_DEBUG', 'If it is 1, errors are printed with a stack trace.'],
];

const files: [string, string][] = [
  [
    '/var/aegir',
    'The root folder of a server: inventory, platforms, sites, backups. Any other root contains all of its files itself.',
  ],
  ['/etc/aegir', 'Files that people edit: config.json, and in sites/ the local files of each site.'],
  ['/var/log/aegir', 'Logs of the services, in one folder per site.'],
];

function groupsOf(program: Command): Command[] {
  const leaves = (command: Command): Command[] =>
    command.commands.length > 0 ? visible(command).flatMap(leaves) : [command];
  return visible(program).flatMap(leaves);
}

/** The commands that help shows. */
const visible = (command: Command): Command[] => [...command.createHelp().visibleCommands(command)];

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
    command.configureOutput({ writeOut: (part) => (help += part) }).outputHelp();
    return /Example:\n((?: {2}.*\n?)+)/.exec(help)?.[1]?.trim().split('\n') ?? [];
  });
  return found.flatMap((line) => ['.PP', '.nf', plain(line.trim()), '.fi']);
}

const section = (title: string, lines: string[]): string[] => [`.SH ${title}`, ...lines];
const item = (name: string, about: string): string[] => ['.TP', `.B ${plain(name)}`, ...text(about)];
const wordLines = ({ word, value, about }: (typeof globalOptionHelp)[number]): string[] =>
  item(value ? `${word} ${value}` : word, about);
const paragraphs = (all: string[]): string[] => all.flatMap((one) => ['.PP', ...text(one)]);

/** A text as a line of roff that does not begin with a control character. */
const text = (line: string): string[] => [plain(line).replace(/^([.'])/, '\\&$1')];

/** Escapes characters that roff would interpret or draw differently (groff_char(7)). */
const plain = (line: string): string =>
  line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('’', '\\(cq')
    .replaceAll('…', '...');
