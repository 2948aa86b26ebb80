import { type FileHere, openFileHere } from '../../provision/host/local/open-file.ts';
import type { LogLine } from '../../provision/tasks/model/task.ts';
import { taskLogFiles } from '../../worker/task-log.ts';
import { LONGEST } from '../model/log-source.ts';
import { readBytes, readPiece } from './bytes.ts';
import { taskFormat } from './format.ts';

/** A task's log, which this program has written on this machine, read by line number through its index: opening and reading cost the same at any length. */
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
  const index = openFileHere(files.index);
  if (lines === undefined || index === undefined) {
    for (const file of [lines, index]) file?.close();
    return undefined;
  }
  const count = (): number => Math.floor(index.size() / 8);
  const raw = (from: number, to: number): string[] => readRaw(lines, index, count(), from, to);
  return {
    count,
    raw,
    lines: (from, to) => raw(from, to).map(taskFormat.parse),
    close() {
      lines.close();
      index.close();
    },
  };
}

function readRaw(lines: FileHere, index: FileHere, count: number, from: number, to: number): string[] {
  const first = Math.max(0, from);
  const wanted = Math.min(count, to) - first;
  if (wanted <= 0) return [];
  // One offset more tells where the last line ends; the newest line ends where the file does.
  const entries = readBytes(index, first * 8, (wanted + 1) * 8);
  const known = Math.floor(entries.length / 8);
  const offset = (line: number): number => (line < known ? Number(entries.readBigUInt64LE(line * 8)) : lines.size());
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
