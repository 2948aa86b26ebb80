import { cleanText, oneLine } from '../provision/model/clean-text.ts';
import { AegirError, describeError, type ErrorDocument } from '../provision/model/errors.ts';
import { shown } from './shown.ts';

/** Where a command writes: text for people or documents for programs. */
export interface Output {
  json: boolean;
  quiet: boolean;
  /** One line for people; nothing with --json or --quiet. */
  say(text: string): void;
  /** The document that is the command's answer, with --json. */
  document(value: unknown): void;
  /** Rows under headings, cut to the width of a terminal; nothing with --json. */
  table(headings: string[], rows: string[][]): void;
  /** Names and values; nothing with --json. */
  facts(facts: [string, string][]): void;
  error(error: unknown): void;
}

/** Prints to STDOUT, and errors to STDERR. */
export function makeOutput({ json, quiet }: { json: boolean; quiet: boolean }): Output {
  const line = (text: string): void => void process.stdout.write(`${text}\n`);
  const people = !json && !quiet;
  return {
    json,
    quiet,
    say: (text) => people && line(shown(cleanText(text))),
    document: (value) => json && line(JSON.stringify(value, null, 2)),
    table(headings, rows) {
      if (json) return;
      for (const text of formatTable(headings, rows, process.stdout.columns ?? Number.POSITIVE_INFINITY))
        line(shown(text));
    },
    facts(facts) {
      if (json) return;
      const width = Math.max(...facts.map(([name]) => name.length));
      for (const [name, value] of facts) line(shown(`${name.padEnd(width)}  ${cleanText(value)}`));
    },
    error(error) {
      const document = describeError(error);
      process.stderr.write(json ? `${JSON.stringify({ error: document })}\n` : `${errorText(document)}\n`);
      if (process.env.AEGIR_DEBUG === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    },
  };
}

/** The answer of --dry-run for what is no task: each thing that would be done, as a verb with its object. Gives 0. */
export function sayPlan({ out }: { out: Output }, would: string[]): number {
  out.document({ would });
  for (const what of would) out.say(`would ${what}`);
  out.say(NOTHING_CHANGED);
  return 0;
}

/** How a plan ends. */
export const NOTHING_CHANGED = 'Nothing was changed: this is what would be done.';

/** `aegir: CODE what was wrong. What to do.`; of a person's own no only what it comes to. */
export const errorText = ({ code, message, hint }: ErrorDocument): string =>
  code === 'DECLINED'
    ? shown(cleanText(`${message}.`))
    : shown(cleanText(`aegir: ${code} ${oneLine(message).replace(/\.$/, '')}.${hint ? ` ${hint}` : ''}`));

/**
 * Rows in columns. The first column keeps its whole text, for it is what people copy; when the line would be
 * longer than the terminal, the others are cut from the right.
 */
export function formatTable(headings: string[], rows: string[][], width: number): string[] {
  const all = [headings, ...rows].map((row) => row.map(cleanText));
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  for (let column = widths.length - 1; column > 0; column -= 1) {
    const over = widths.reduce((sum, one) => sum + one + 2, -2) - width;
    if (over <= 0) break;
    widths[column] = Math.max(headings[column]?.length ?? 4, (widths[column] ?? 0) - over);
  }
  const cell = (text: string, column: number): string => {
    const room = widths[column] ?? 0;
    return (column > 0 && text.length > room ? `${text.slice(0, Math.max(0, room - 1))}…` : text).padEnd(room);
  };
  return all.map((row) => row.map(cell).join('  ').trimEnd());
}

const WRONG_USE = new Set([
  'ARGUMENT_INVALID',
  'URI_INVALID',
  'NAME_INVALID',
  'USAGE',
  'SOURCE_UNKNOWN',
  'SOURCE_INVALID',
  'ROOT_INVALID',
  'TASK_UNKNOWN',
]);
const FAILED = new Set(['INTERNAL', 'TASK_FAILED', 'SETUP_FAILED']);

/**
 * The exit code that goes with an error: 2 for wrong use, 4 for an object that is not there, 130 for an
 * interruption, 1 for a failed task or a fault of the program, and 3 for everything that is refused now.
 */
export function exitCode(error: unknown): number {
  const { code } = describeError(error);
  if (WRONG_USE.has(code)) return 2;
  if (code.startsWith('NO_SUCH_')) return 4;
  if (code === 'INTERRUPTED') return 130;
  return FAILED.has(code) || !(error instanceof AegirError) ? 1 : 3;
}

const DIFF_LINES = 40;

/** A diff as people read it: a long one is cut, with how much is left out. */
export const shortDiff = (diff: string[]): string[] =>
  diff.length <= DIFF_LINES ? diff : [...diff.slice(0, DIFF_LINES - 1), `… ${diff.length - DIFF_LINES + 1} more lines`];
