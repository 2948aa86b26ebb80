import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { cleanText } from '../provision/clean-text.ts';
import type { LogLine } from '../provision/task.ts';
import { taskLogFiles } from '../worker/task-log.ts';

/** A task's log, read by line number through its index: opening and reading cost the same at any length. */
export interface LogReader {
  /** How many lines there are now. */
  count(): number;
  /** Lines `from` up to, not including, `to`. */
  lines(from: number, to: number): LogLine[];
  /**
   * The next line at or after `from` (or, backwards, at or before it) whose text holds `wanted`; upper case in it
   * makes case count. Yields to the event loop between pieces; undefined when there is none or `signal` fired.
   */
  search(wanted: string, from: number, backwards: boolean, signal: AbortSignal): Promise<number | undefined>;
  /** The next line at or after `from` whose level is error. */
  nextError(from: number, signal: AbortSignal): Promise<number | undefined>;
  close(): void;
}

const PIECE = 2000;
/** A line is cut to 4,000 characters when it is written; this much of a piece is read at most. */
const LONGEST = 32 * 1024;

/** Opens the log of a task; undefined while the task has none. */
export function openLogReader(folder: string, taskId: number): LogReader | undefined {
  const files = taskLogFiles(folder, taskId);
  const lines = openIfThere(files.lines);
  const index = openIfThere(files.index);
  if (lines === undefined || index === undefined) {
    for (const file of [lines, index]) if (file !== undefined) closeSync(file);
    return undefined;
  }
  const count = (): number => Math.floor(fstatSync(index).size / 8);
  const rawLines = (from: number, to: number): string[] => readRaw(lines, index, count(), from, to);
  return {
    count,
    lines: (from, to) => rawLines(from, to).map(parseLine),
    search: (wanted, from, backwards, signal) =>
      findLine({ count, rawLines }, from, backwards, matcher(wanted), signal),
    nextError: (from, signal) => findLine({ count, rawLines }, from, false, isError, signal),
    close() {
      closeSync(lines);
      closeSync(index);
    },
  };
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function readRaw(lines: number, index: number, count: number, from: number, to: number): string[] {
  const first = Math.max(0, from);
  const last = Math.min(count, to);
  if (last <= first) return [];
  // One offset more tells where the last line ends; the newest line ends where the file does.
  const known = Math.min(count, last + 1) - first;
  const entries = readBytes(index, first * 8, known * 8);
  const offset = (line: number): number => Number(entries.readBigUInt64LE(line * 8));
  const start = offset(0);
  const end = known > last - first ? offset(last - first) : fstatSync(lines).size;
  const text = readBytes(lines, start, Math.min(end - start, (last - first) * LONGEST)).toString('utf8');
  return text.split('\n').slice(0, last - first);
}

function readBytes(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, length));
  let done = 0;
  while (done < bytes.length) {
    const read = readSync(file, bytes, done, bytes.length - done, at + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}

/** A stored line; cleaned once more, as another program may have written the file. */
function parseLine(raw: string): LogLine {
  try {
    const line = JSON.parse(raw) as LogLine;
    return { ...line, text: cleanText(String(line.text)) };
  } catch {
    return { at: '', level: 'warning', step: '', stream: 'aegir', text: cleanText(raw) };
  }
}

type Lines = { count(): number; rawLines(from: number, to: number): string[] };

async function findLine(
  log: Lines,
  from: number,
  backwards: boolean,
  matches: (raw: string) => boolean,
  signal: AbortSignal,
): Promise<number | undefined> {
  const step = backwards ? -PIECE : PIECE;
  for (let at = from; at >= 0 && at < log.count() && !signal.aborted; at += step) {
    const start = backwards ? Math.max(0, at - PIECE + 1) : at;
    const piece = log.rawLines(start, backwards ? at + 1 : at + PIECE);
    const found = backwards ? piece.findLastIndex(matches) : piece.findIndex(matches);
    if (found >= 0) return start + found;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return undefined;
}

/** Looks at the raw line first: parsing every line of a long log would take seconds. */
function matcher(wanted: string): (raw: string) => boolean {
  const sensitive = wanted !== wanted.toLowerCase();
  const fold = (text: string): string => (sensitive ? text : text.toLowerCase());
  const escaped = fold(JSON.stringify(wanted).slice(1, -1));
  return (raw) => fold(raw).includes(escaped) && fold(parseLine(raw).text).includes(fold(wanted));
}

const isError = (raw: string): boolean => raw.includes('"level":"error"') && parseLine(raw).level === 'error';
