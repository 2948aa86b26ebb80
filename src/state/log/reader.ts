import { type FileHere, openFileHere } from '../../provision/host/local/open-file.ts';
import type { LogLine } from '../../provision/tasks/model/task.ts';
import { lineStarts, taskLogFiles } from '../../worker/task-log.ts';
import { LONGEST } from '../model/log-source.ts';
import { readBytes, readPiece } from './bytes.ts';
import { taskFormat } from './format.ts';

/** A task's log, which this program has written on this machine, read by line number; a long one through its index, so that opening and reading cost the same at any length. */
export interface LogReader {
  /** How many lines there are now. */
  count(): number;
  /** Lines `from` up to, not including, `to`. */
  lines(from: number, to: number): LogLine[];
  /** The same as they stand in the file. */
  raw(from: number, to: number): string[];
  close(): void;
}

/** Opens the log of a task; undefined while the task has none. */
export function openLogReader(folder: string, taskId: number): LogReader | undefined {
  const files = taskLogFiles(folder, taskId);
  const lines = openFileHere(files.lines);
  if (lines === undefined) return undefined;
  const starts = lineOffsets(lines, () => openFileHere(files.index));
  const raw = (from: number, to: number): string[] => readRaw(lines, starts, from, to);
  return {
    count: starts.count,
    raw,
    lines: (from, to) => raw(from, to).map(taskFormat.parse),
    close() {
      lines.close();
      starts.close();
    },
  };
}

/** Where the lines of a log begin. */
interface LineOffsets {
  count(): number;
  /** Offsets of lines `from` up to and including `to`; the newest line ends where the last one known does. */
  of(from: number, to: number): number[];
  close(): void;
}

/** By the index of the log; while it is so short that it has none, by its lines. */
function lineOffsets(lines: FileHere, openIndex: () => FileHere | undefined): LineOffsets {
  let index = openIndex();
  const scanned: number[] = [];
  let end = 0;

  function scan(): void {
    const size = lines.size();
    // It was begun anew.
    if (size < end) [end, scanned.length] = [0, 0];
    const piece = readBytes(lines, end, size - end);
    for (const start of lineStarts(piece)) scanned.push(end + start);
    end += piece.lastIndexOf(10) + 1;
  }

  const count = (): number => {
    index ??= openIndex();
    if (index !== undefined) return Math.floor(index.size() / 8);
    scan();
    return scanned.length;
  };

  return {
    count,
    of(from, to) {
      if (index === undefined) return [...scanned, end].slice(from, to + 1);
      const entries = readBytes(index, from * 8, (to + 1 - from) * 8);
      const known = Math.floor(entries.length / 8);
      return Array.from({ length: to + 1 - from }, (_, line) =>
        line < known ? Number(entries.readBigUInt64LE(line * 8)) : lines.size(),
      );
    },
    close: () => index?.close(),
  };
}

function readRaw(lines: FileHere, starts: LineOffsets, from: number, to: number): string[] {
  const first = Math.max(0, from);
  const wanted = Math.min(starts.count(), to) - first;
  if (wanted <= 0) return [];
  const offsets = starts.of(first, first + wanted);
  const offset = (line: number): number => offsets[line] ?? 0;
  const [start, end] = [offset(0), offset(wanted)];
  if (end - start <= Math.max(LONGEST, wanted * 4096)) {
    return readPiece(lines, start, end - start)
      .toString('utf8')
      .split('\n')
      .slice(0, wanted);
  }
  return Array.from({ length: wanted }, (_, line) => {
    const length = Math.min(LONGEST, offset(line + 1) - offset(line));
    return readPiece(lines, offset(line), length).toString('utf8').split('\n', 1)[0] ?? '';
  });
}
