import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { standardProgram } from '../../src/provision/standard.ts';

/** A command line that somebody is shown, and where. */
export interface Example {
  line: string;
  where: string;
}

const project = join(import.meta.dirname, '../..');
const documents = ['README.md', ...readdirSync(join(project, 'docs')).map((name) => `docs/${name}`)].filter((file) =>
  file.endsWith('.md'),
);

/** The command line as commander knows it, where nothing that is called does anything. */
export const parser = (): Command => buildProgram('0', () => async () => {}, standardProgram);

const withAll = (command: Command): Command[] => [command, ...command.commands.flatMap(withAll)];

/** What a command prints with `--help`. */
export function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (words) => (help += words) }).outputHelp();
  return help;
}

/** The lines below "Example:" of every `--help`. */
export const helpExamples = (): Example[] =>
  withAll(parser()).flatMap((command) => {
    const lines = /\nExample:\n((?: {2}.+\n?)+)/.exec(helpOf(command))?.[1]?.trim().split('\n') ?? [];
    return lines.map((line) => ({ line: line.trim(), where: `${command.name()} --help` }));
  });

/** The lines of the blocks of README and docs that are marked as those of a shell, without what is said behind them. */
export const documentExamples = (): Example[] =>
  documents.flatMap((file) =>
    [...readFileSync(join(project, file), 'utf8').matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
      block
        .split('\n')
        .map((line) => line.replace(/\s+#.*$/, '').trim())
        .filter((line) => line !== '')
        .map((line) => ({ line: plain(line), where: file })),
    ),
  );

/** The commands within sentences of README and docs. Names in capitals stand for something. */
export const mentionedCommands = (): Example[] =>
  documents.flatMap((file) => {
    const text = readFileSync(join(project, file), 'utf8').replaceAll(/^```.*?^```/gms, '');
    return [...text.matchAll(/`([^`]+)`/g)]
      .map(([, words = '']) => plain(words.replaceAll(/\s+/g, ' ')))
      .filter((words) => /^aegir +[a-z-]/.test(words))
      .map((line) => ({ line, where: file }));
  });

/** `npm start -- X` is `aegir X` of a checkout. */
const plain = (line: string): string => line.replace(/^npm start(?: -s)?(?: --)?/, 'aegir').trim();
