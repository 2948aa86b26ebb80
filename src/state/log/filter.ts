import type { LogLevel } from '../../provision/model/work-io.ts';
import type { LogFilter } from '../model/log.ts';
import { type LogLines, type LogSource, PIECE } from '../model/log-source.ts';

/** Lines that are looked back for the one that a line belongs to. */
const LONGEST_ENTRY = 100;

/** The next choice, round and round. */
export const nextFilter: Record<LogFilter, LogFilter> = { all: 'warnings', warnings: 'errors', errors: 'all' };

const kept: Record<Exclude<LogFilter, 'all'>, readonly LogLevel[]> = {
  warnings: ['warning', 'error'],
  errors: ['error'],
};

/**
 * The lines of a log from a level up. They are looked for from one line on: behind it first, then before it, so that
 * place 0 is the first one at or behind that line and nothing moves while more are found.
 */
export function filterLines(source: LogSource, filter: Exclude<LogFilter, 'all'>, anchor: number): LogLines {
  const levels = kept[filter];
  /** Numbers of lines that fit: from the anchor on, and before it, nearest first. */
  const behind: number[] = [];
  const before: number[] = [];
  let [low, high] = [anchor, anchor];

  /** Which lines of a stretch fit: a line that goes on fits as the one that it belongs to. */
  function fitting(from: number, to: number): number[] {
    const begin = Math.max(source.first(), from - LONGEST_ENTRY);
    let fits = false;
    const numbers: number[] = [];
    for (const [at, raw] of source.raw(begin, to).entries()) {
      if (!source.format.goesOn(raw)) fits = levels.includes(source.format.level(raw));
      if (fits && begin + at >= from) numbers.push(begin + at);
    }
    return numbers;
  }

  const numberAt = (place: number): number => (place >= 0 ? behind[place] : before[-place - 1]) ?? source.end();

  function lookBehind(): void {
    // What an emptied log has lost is gone.
    high = Math.max(high, source.first());
    const to = Math.min(high + PIECE, source.end());
    behind.push(...fitting(high, to));
    high = to;
  }

  function lookBefore(): void {
    const from = Math.max(low - PIECE, source.first());
    before.push(...fitting(from, low).reverse());
    low = from;
  }

  return {
    first: () => -before.length,
    end: () => behind.length,
    whole: () => source.whole() && low <= source.first(),
    raw: (from, to) =>
      readRuns(
        source,
        Array.from({ length: Math.max(0, to - from) }, (_, at) => numberAt(from + at)),
      ),
    numberAt,
    placeOf(number) {
      if (number >= anchor) return countWhile(behind, (other) => other < number);
      return -countWhile(before, (other) => other >= number);
    },
    work() {
      if (high < source.end()) lookBehind();
      else if (low > source.first()) lookBefore();
      else return source.work();
      return high < source.end() || low > source.first() || !source.whole();
    },
  };
}

/** Reads lines by number; neighbours in one go. A line that is gone meanwhile is empty. */
function readRuns(source: LogSource, numbers: readonly number[]): string[] {
  const lines: string[] = [];
  for (let at = 0; at < numbers.length; ) {
    const from = numbers[at] ?? 0;
    let length = 1;
    while (numbers[at + length] === from + length) length += 1;
    const read = source.raw(from, from + length);
    for (let line = 0; line < length; line += 1) lines.push(read[line] ?? '');
    at += length;
  }
  return lines;
}

/** How many numbers at the head of a list hold. */
function countWhile(numbers: readonly number[], holds: (number: number) => boolean): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(numbers[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
