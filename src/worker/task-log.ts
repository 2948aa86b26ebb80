import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { cleanText } from '../provision/model/clean-text.ts';
import type { LogLine } from '../provision/tasks/model/task.ts';

/**
 * The two files of a task's log: NDJSON lines, and of a long log their byte offsets as 8-byte little-endian numbers, which
 * may lag behind the lines.
 */
export const taskLogFiles = (folder: string, taskId: number): { lines: string; index: string } => ({
  lines: join(folder, `${taskId}.ndjson`),
  index: join(folder, `${taskId}.index`),
});

/** From so many lines on a log has an index: most logs never get there, and a file costs more to make than to scan. */
const INDEX_FROM = 500;

export interface TaskLog {
  write(line: LogLine): void;
  flush(): void;
  close(): void;
}

const FLUSH_MS = 50;
const FLUSH_BYTES = 64 * 1024;

/**
 * Opens a task's log for appending. Lines are buffered for at most 50 ms, so that a verbose installer costs few writes;
 * text is cleaned of terminal controls here, once.
 */
export function openTaskLog(folder: string, taskId: number): TaskLog {
  const files = taskLogFiles(folder, taskId);
  const lines = openIn(folder, files.lines);
  let index = existsSync(files.index) ? openIn(folder, files.index) : undefined;
  const found = repairEnd(lines, index);
  let { end } = found;
  /** How far both files are written. */
  const written = { lines: end, index: found.indexed * 8 };
  let waiting: Buffer[] = [];
  /** Offsets that are in no index yet. */
  let offsets = found.offsets;
  /** How many of them have been written as lines. */
  let settled = offsets.length;
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    try {
      // The index is written last, so that it never points beyond the lines.
      writeAll(lines, Buffer.concat(waiting));
      if (index === undefined && offsets.length >= INDEX_FROM) index = openIn(folder, files.index);
      if (index !== undefined) {
        writeAll(index, Buffer.from(BigUint64Array.from(offsets).buffer));
        written.index += offsets.length * 8;
        offsets = [];
      }
      written.lines = end;
    } catch {
      // A log that cannot be written must not fail the task. On a full disk these lines are lost; undoing frees space
      // for the next.
      ftruncateSync(lines, written.lines);
      if (index !== undefined) ftruncateSync(index, written.index);
      end = written.lines;
      offsets = offsets.slice(0, settled);
    }
    settled = offsets.length;
    waiting = [];
    bytes = 0;
  }

  return {
    write(line) {
      const text = Buffer.from(`${JSON.stringify({ ...line, text: cleanText(line.text) })}\n`);
      waiting.push(text);
      offsets.push(BigInt(end));
      end += text.length;
      bytes += text.length;
      if (bytes >= FLUSH_BYTES) flush();
      else timer ??= setTimeout(flush, FLUSH_MS);
    },
    flush,
    close() {
      flush();
      closeSync(lines);
      if (index !== undefined) closeSync(index);
    },
  };
}

/** Opens a file for appending, and makes the folder where that is missing. */
function openIn(folder: string, file: string): number {
  try {
    return openSync(file, 'a+', 0o600);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openSync(file, 'a+', 0o600);
  }
}

/**
 * Removes an incomplete line, or half an entry of the index, of a killed worker. Returns where the log ends, how many lines
 * the index knows, and the offsets of those that it does not.
 */
function repairEnd(lines: number, index: number | undefined): { end: number; indexed: number; offsets: bigint[] } {
  const size = fstatSync(lines).size;
  const indexed = index === undefined ? 0 : Math.floor(fstatSync(index).size / 8);
  if (index !== undefined) ftruncateSync(index, indexed * 8);
  if (size === 0) {
    if (index !== undefined) ftruncateSync(index, 0);
    return { end: 0, indexed: 0, offsets: [] };
  }
  const last = Buffer.alloc(8);
  if (index !== undefined && indexed > 0) readSync(index, last, 0, 8, (indexed - 1) * 8);
  const start = Number(last.readBigUInt64LE());
  const tail = Buffer.alloc(Math.max(0, size - start));
  readSync(lines, tail, 0, tail.length, start);
  const begins = lineStarts(tail).map((at) => BigInt(start + at));
  const end = start + tail.lastIndexOf(10) + 1;
  if (end < size) ftruncateSync(lines, end);
  // The first of them is the last that the index knows.
  return { end, indexed, offsets: begins.slice(indexed > 0 ? 1 : 0) };
}

/** Where the whole lines of a text begin. */
export function lineStarts(text: Buffer): number[] {
  const starts: number[] = [];
  let start = 0;
  for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, start)) {
    starts.push(start);
    start = at + 1;
  }
  return starts;
}

function writeAll(file: number, data: Buffer): void {
  for (let done = 0; done < data.length; ) done += writeSync(file, data, done);
}
