import { cleanText, oneLine } from '../provision/model/clean-text.ts';
import { AegirError, describeError, type ErrorDocument } from '../provision/model/errors.ts';
import { forTerminal } from './terminal-text.ts';

/** The output of a command: text for people, or JSON documents for programs. */
export interface Output {
  json: boolean;
  quiet: boolean;
  /** Prints one line for people; nothing with --json or --quiet. */
  say(text: string): void;
  /** Prints the result of the command as a document, with --json only. */
  document(value: unknown): void;
  /** Prints rows under headings, cut to the width of the terminal; nothing with --json. */
  table(headings: string[], rows: string[][]): void;
  /** Prints names and values; nothing with --json. */
  facts(facts: [string, string][]): void;
  error(error: unknown): void;
}

/** An output to stdout, with errors on stderr. */
export function makeOutput({ json, quiet }: { json: boolean; quiet: boolean }): Output {
  const line = (text: string): void => void process.stdout.write(`${text}\n`);
  const people = !json && !quiet;
  return {
    json,
    quiet,
    say: (text) => people && line(forTerminal(cleanText(text))),
    document: (value) => json && line(JSON.stringify(value, null, 2)),
    table(headings, rows) {
      if (json) return;
      for (const text of formatTable(headings, rows, process.stdout.columns ?? Number.POSITIVE_INFINITY))
        line(forTerminal(text));
    },
    facts(facts) {
      if (json) return;
      const width = Math.max(...facts.map(([name]) => name.length));
      for (const [name, value] of facts) line(forTerminal(`${name.padEnd(width)}  ${cleanText(value)}`));
    },
    error(error) {
      const document = describeError(error);
      process.stderr.write(json ? `${JSON.stringify({ error: document })}\n` : `${errorText(document)}\n`);
      if (process.env.AEGIR_DEBUG === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    },
  };
}

/** Prints the plan of a command without a task, for --dry-run: each act as a verb with its object. Returns 0. */
export function printPlan({ out }: { out: Output }, would: string[]): number {
  out.document({ would });
  for (const what of would) out.say(`would ${what}`);
  out.say(NOTHING_CHANGED);
  return 0;
}

/** The last line of a plan. */
export const NOTHING_CHANGED = 'Nothing was changed: this is what would be done.';

/** `aegir: CODE message. Hint.`; after a person's no to a question, only the message. */
export const errorText = ({ code, message, hint }: ErrorDocument): string =>
  code === 'DECLINED'
    ? forTerminal(cleanText(`${message}.`))
    : forTerminal(cleanText(`aegir: ${code} ${oneLine(message).replace(/\.$/, '')}.${hint ? ` ${hint}` : ''}`));

/**
 * Rows in columns. The first column is never cut, since people copy it; if a line is wider than the terminal, the other
 * columns are cut, from the right.
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

const USAGE_ERRORS = new Set([
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
 * The exit status for an error: 2 for a usage error, 4 for an object that does not exist, 130 for an interruption, 1
 * for a failed task or a bug in the program, and 3 for everything that was refused.
 */
export function exitCode(error: unknown): number {
  const { code } = describeError(error);
  if (USAGE_ERRORS.has(code)) return 2;
  if (code.startsWith('NO_SUCH_')) return 4;
  if (code === 'INTERRUPTED') return 130;
  return FAILED.has(code) || !(error instanceof AegirError) ? 1 : 3;
}

const DIFF_LINES = 40;

/** The first lines of a diff; if it is longer, the last line says how many were left out. */
export const shortDiff = (diff: string[]): string[] =>
  diff.length <= DIFF_LINES ? diff : [...diff.slice(0, DIFF_LINES - 1), `… ${diff.length - DIFF_LINES + 1} more lines`];
