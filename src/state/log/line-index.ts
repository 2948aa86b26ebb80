import { LONGEST } from '../model/log-source.ts';
import { type BytesFile, PIECE_BYTES, readBytes, readPiece } from './bytes.ts';

/**
 * Where the lines of a text file are. It begins at the end of the file and looks for older lines bit by bit, so that
 * the newest are there at once; and takes in what is appended. It keeps one place in 64 kB, whatever the lines are.
 */
export interface LineIndex {
  first(): number;
  end(): number;
  whole(): boolean;
  /** How much of the file is known. */
  size(): number;
  /** The file is this long now. */
  grow(size: number): void;
  /** Looks at half a megabyte: what is new first, then what is older. True while there is more. */
  work(): boolean;
  /** True when all that was appended has been looked at. */
  caughtUp(): boolean;
  read(from: number, to: number): string[];
}

const BETWEEN_MARKS = 64 * 1024;
const [NEWLINE, RETURN] = [10, 13];

interface Mark {
  place: number;
  offset: number;
}

/** Makes the index of an open file that is `begin` bytes long. The first line that begins from there on has place 0. */
export function indexLines(file: BytesFile, begin: number): LineIndex {
  /** Newest first; places below 0. */
  const older: Mark[] = [];
  /** Oldest first. */
  const newer: Mark[] = [];
  let first = 0;
  let next = 0;
  let lastStart = -1;
  let size = begin;
  /** All between the two has been looked at. */
  let [low, high] = [begin, begin];
  if (begin === 0 || readBytes(file, begin - 1, 1)[0] === NEWLINE) startLine(begin);

  function startLine(offset: number): void {
    const last = newer.at(-1);
    if (!last || offset - last.offset >= BETWEEN_MARKS) newer.push({ place: next, offset });
    lastStart = offset;
    next += 1;
  }

  function lookForward(): void {
    const piece = readPiece(file, high, Math.min(PIECE_BYTES, size - high));
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) startLine(high + at + 1);
    // A file that ends before its size was cut meanwhile: the next look at its size tells.
    high = piece.length === 0 ? size : high + piece.length;
  }

  function lookBack(): void {
    const from = Math.max(0, low - PIECE_BYTES);
    const piece = readPiece(file, from, low - from);
    const starts: number[] = from === 0 && low > 0 ? [0] : [];
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) {
      // What begins where we began is known.
      if (from + at + 1 < begin) starts.push(from + at + 1);
    }
    low = from;
    keepOlder(starts);
  }

  /** Line starts of a piece that lies before all that were known, in order. */
  function keepOlder(starts: readonly number[]): void {
    first -= starts.length;
    const marks: Mark[] = [];
    for (const [number, offset] of starts.entries()) {
      const last = marks.at(-1);
      if (!last || offset - last.offset >= BETWEEN_MARKS) marks.push({ place: first + number, offset });
    }
    older.push(...marks.reverse());
  }

  function markBefore(place: number): Mark | undefined {
    if (place >= 0) return newer[lastIndex(newer.length, (at) => (newer[at]?.place ?? 0) <= place)];
    // Newest first: the first one that is not behind the place.
    return older[1 + lastIndex(older.length, (at) => (older[at]?.place ?? 0) > place)];
  }

  const end = (): number => (lastStart === size ? next - 1 : next);

  return {
    first: () => first,
    end,
    whole: () => low === 0,
    size: () => size,
    grow(now) {
      size = Math.max(size, now);
    },
    work() {
      if (high < size) lookForward();
      else if (low > 0) lookBack();
      return high < size || low > 0;
    },
    caughtUp: () => high >= size,
    read(from, to) {
      const [wantedFrom, wantedTo] = [Math.max(from, first), Math.min(to, end())];
      const mark = wantedFrom < wantedTo ? markBefore(wantedFrom) : undefined;
      return mark ? readLines(file, mark, wantedFrom, wantedTo, size) : [];
    },
  };
}

/** The last place among `count` for which `holds` is true, when it is true up to there and not behind; else -1. */
function lastIndex(count: number, holds: (at: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Reads from a mark on; keeps the beginning of each wanted line. */
function readLines(file: BytesFile, mark: Mark, from: number, to: number, size: number): string[] {
  const lines: string[] = [];
  let { place, offset } = mark;
  /** What earlier pieces hold of the line. */
  let begun: Buffer = Buffer.alloc(0);
  const keep = (bytes: Buffer): void => {
    if (begun.length < LONGEST) begun = Buffer.concat([begun, bytes.subarray(0, LONGEST - begun.length)]);
  };
  const endLine = (piece: Buffer, begin: number, end: number): void => {
    if (place >= from) lines.push(textOf(begun, piece.subarray(begin, Math.min(end, begin + LONGEST))));
    if (begun.length > 0) begun = Buffer.alloc(0);
    place += 1;
  };
  while (place < to && offset < size) {
    const piece = readPiece(file, offset, Math.min(BETWEEN_MARKS, size - offset));
    if (piece.length === 0) break;
    let begin = 0;
    for (let at = piece.indexOf(NEWLINE); at >= 0 && place < to; at = piece.indexOf(NEWLINE, begin)) {
      endLine(piece, begin, at);
      begin = at + 1;
    }
    if (place >= from && place < to) keep(piece.subarray(begin));
    offset += piece.length;
  }
  // The newest line may not have its end yet.
  if (place < to) endLine(begun.subarray(0, 0), 0, 0);
  return lines;
}

function textOf(begun: Buffer, rest: Buffer): string {
  const bytes = begun.length === 0 ? rest : Buffer.concat([begun, rest]).subarray(0, LONGEST);
  return bytes.toString('utf8', 0, bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length);
}
