import type { Command } from '../model/command.ts';
import type { NamesBeginning } from '../model/dialog.ts';

/** A `:` line taken apart. */
export interface ParsedLine {
  word: string;
  given: string;
}

const shortWords: Record<string, string> = { q: 'quit', h: 'help', s: 'sites', p: 'platforms', t: 'tasks' };

/** Takes a `:` line apart: the command's word and what follows it. */
export function parseLine(typed: string): ParsedLine {
  const trimmed = typed.trim();
  const space = trimmed.search(/\s/);
  const word = space < 0 ? trimmed : trimmed.slice(0, space);
  return { word: shortWords[word] ?? word, given: space < 0 ? '' : trimmed.slice(space).trim() };
}

/** Whole lines that what was typed can become, best first. */
export function completionsOf(typed: string, commands: readonly Command[], namesBeginning: NamesBeginning): string[] {
  const line = typed.trimStart();
  const space = line.indexOf(' ');
  if (space < 0) {
    const words = [...new Set(commands.map((command) => command.id))].sort();
    return words.filter((word) => word.startsWith(line));
  }
  const { word } = parseLine(line);
  const takes = commands.find((command) => command.id === word)?.takes;
  if (!takes) return [];
  const begun = line.slice(space).trimStart();
  return namesBeginning(takes, begun)
    .filter((name) => name.startsWith(begun))
    .slice(0, 50)
    .map((name) => `${word} ${name}`);
}

/** What tab makes of a line: as much as all completions share, with a space behind a whole command. */
export function completeLine(typed: string, completions: readonly string[]): string {
  const [first] = completions;
  if (first === undefined) return typed;
  let shared = first;
  for (const other of completions) while (!other.startsWith(shared)) shared = shared.slice(0, -1);
  const whole = completions.length === 1 && !shared.includes(' ');
  return shared.length >= typed.trimStart().length ? shared + (whole ? ' ' : '') : typed;
}
