import { type LogFormat, type LogLines, PIECE } from '../model/log-source.ts';
import { whenRead } from './not-yet.ts';

/** A search in a log. `from` is the first place that is looked at; the place of what was found, if anything was. */
export interface LogSearch {
  from: number;
  backwards: boolean;
  signal: AbortSignal;
}

/** Finds the next line that holds a text; upper case in it makes case count. Yields between pieces. */
export function findText(
  lines: LogLines,
  format: LogFormat,
  wanted: string,
  search: LogSearch,
): Promise<number | undefined> {
  const sensitive = wanted !== wanted.toLowerCase();
  const fold = (text: string): string => (sensitive ? text : text.toLowerCase());
  const [written, folded] = [fold(format.written(wanted)), fold(wanted)];
  // Looks at the raw line first: parsing every line of a long log would take seconds.
  return findLine(lines, search, (raw) => fold(raw).includes(written) && fold(format.text(raw)).includes(folded));
}

/** Finds the next line that is an error. */
export const findError = (lines: LogLines, format: LogFormat, search: LogSearch): Promise<number | undefined> =>
  findLine(lines, search, (raw) => format.level(raw) === 'error');

async function findLine(
  lines: LogLines,
  { from, backwards, signal }: LogSearch,
  fits: (raw: string) => boolean,
): Promise<number | undefined> {
  for (let at = from; !signal.aborted; await nextTurn()) {
    const outside = (): boolean => (backwards ? at < lines.first() : at >= lines.end());
    if (outside()) {
      if (!(await whenRead(() => lines.work())) && outside()) return undefined;
      continue;
    }
    const start = backwards ? Math.max(lines.first(), at - PIECE + 1) : Math.max(lines.first(), at);
    const stop = backwards ? Math.min(at + 1, lines.end()) : Math.min(start + PIECE, lines.end());
    const piece = await whenRead(() => lines.raw(start, stop));
    const found = backwards ? piece.findLastIndex(fits) : piece.findIndex(fits);
    if (found >= 0) return start + found;
    at = backwards ? start - 1 : stop;
  }
  return undefined;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
