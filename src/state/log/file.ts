import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { serviceFormat } from './format.ts';
import { indexLines, type LineIndex } from './line-index.ts';
import type { LogSource } from './source.ts';

/** A file of the log: the one that is written now, or one that was turned away while we looked. */
interface Part {
  file: number;
  inode: number;
  index: LineIndex;
  /** Place of the file's line 0. */
  base: number;
  /** What stands on a line of its own before it; '' for the file that was there first. */
  note: string;
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
/** Files that were turned away are kept open for what was read in them; more than these are let go. */
const MOST_PARTS = 5;
/** Rotation is rare: what the old file still gets is taken in at once, up to this. */
const MOST_PIECES = 1000;

/**
 * A text file that a service writes. When it is rotated the lines of the old file stay, and the new file goes on
 * behind them; when it is emptied in place its old lines are gone. A line says so.
 */
export function openFileSource(path: string): LogSource {
  let parts: Part[] = [];
  let problem = '';

  const last = (): Part | undefined => parts.at(-1);
  const end = (): number => endOf(last());
  const first = (): number => {
    const [oldest] = parts;
    return oldest ? oldest.base + oldest.index.first() - (oldest.note === '' ? 0 : 1) : 0;
  };

  function begin(): boolean {
    const file = openLog(path);
    const { size, ino } = fstatSync(file);
    parts = [{ file, inode: ino, index: indexLines(file, size), base: 0, note: '' }];
    return true;
  }

  function takeGrowth(part: Part): boolean {
    const { size } = fstatSync(part.file);
    const before = part.index.size();
    if (size < before) {
      for (const old of parts.slice(0, -1)) closeSync(old.file);
      parts = [{ ...part, index: indexLines(part.file, 0), base: endOf(part) + 1, note: 'The log was emptied.' }];
    }
    last()?.index.grow(size);
    return size !== before;
  }

  /** Goes over to the file that has taken the name. The old one is written to until the new one has its first line. */
  function takeRotation(part: Part): boolean {
    const now = statSync(path, { throwIfNoEntry: false });
    if (!now || now.ino === part.inode || now.size === 0) return false;
    for (let piece = 0; piece < MOST_PIECES && !part.index.caughtUp(); piece += 1) part.index.work();
    const file = openLog(path);
    const { size, ino } = fstatSync(file);
    const note = 'The log was rotated; the new file goes on here.';
    const next = { file, inode: ino, index: indexLines(file, 0), base: endOf(part) + 1, note };
    next.index.grow(size);
    for (const old of [...parts, next].slice(0, -MOST_PARTS)) closeSync((old as Part).file);
    parts = [...parts, next].slice(-MOST_PARTS);
    return true;
  }

  return {
    format: serviceFormat,
    first,
    end,
    whole: () => parts.every(({ index }) => index.whole()),
    raw: (from, to) =>
      parts.flatMap(({ index, base, note }) => [
        ...(note !== '' && from < base && to >= base ? [note] : []),
        ...index.read(Math.max(from - base, index.first()), to - base),
      ]),
    numberAt: (place) => place,
    placeOf: (number) => number,
    work: () => parts.toReversed().some(({ index }) => index.work()),
    refresh() {
      try {
        const part = last();
        if (!part) return begin();
        const grown = takeGrowth(part);
        return takeRotation(last() ?? part) || grown;
      } catch (error) {
        problem = problemOf(error, path);
        return false;
      }
    },
    problem: () => (parts.length === 0 ? problem : first() < end() ? '' : 'Nothing is logged yet.'),
    close() {
      for (const { file } of parts) closeSync(file);
      parts = [];
    },
  };
}

const endOf = (part: Part | undefined): number => (part ? part.base + part.index.end() : 0);

/** Opens a plain file. A link is not followed, and what is no file never makes us wait. */
function openLog(path: string): number {
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new Error(`${path} is no file`);
}

function problemOf(error: unknown, path: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `${path} is not there yet: nothing was logged.`;
  if (code === 'EACCES') return `${path} may only be read by root.`;
  return `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
