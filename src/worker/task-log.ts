import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { cleanText } from '../provision/model/clean-text.ts';
import type { LogLine } from '../provision/tasks/model/task.ts';

/** The two files of a task's log: NDJSON lines, and their byte offsets as 8-byte little-endian numbers. */
export const taskLogFiles = (folder: string, taskId: number): { lines: string; index: string } => ({
  lines: join(folder, `${taskId}.ndjson`),
  index: join(folder, `${taskId}.index`),
});

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
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = taskLogFiles(folder, taskId);
  const lines = openSync(files.lines, 'a+', 0o600);
  const index = openSync(files.index, 'a+', 0o600);
  let end = repairEnd(lines, index);
  /** How far both files are written. */
  let written = { lines: end, index: fstatSync(index).size };
  let waiting: Buffer[] = [];
  let offsets: bigint[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    try {
      // The index is written last, so that it never points beyond the lines.
      writeAll(lines, Buffer.concat(waiting));
      writeAll(index, Buffer.from(BigUint64Array.from(offsets).buffer));
      written = { lines: end, index: fstatSync(index).size };
    } catch {
      // A log that cannot be written must not fail the task. On a full disk these lines are lost; undoing frees space
      // for the next.
      ftruncateSync(lines, written.lines);
      ftruncateSync(index, written.index);
      end = written.lines;
    }
    waiting = [];
    offsets = [];
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
      closeSync(index);
    },
  };
}

/** Removes an incomplete line of a killed worker, or one without an index entry; returns where the log ends. */
function repairEnd(lines: number, index: number): number {
  const whole = Math.floor(fstatSync(index).size / 8);
  ftruncateSync(index, whole * 8);
  const size = fstatSync(lines).size;
  if (whole === 0) {
    ftruncateSync(lines, 0);
    return 0;
  }
  const last = Buffer.alloc(8);
  readSync(index, last, 0, 8, (whole - 1) * 8);
  const start = Number(last.readBigUInt64LE());
  const tail = Buffer.alloc(Math.max(0, size - start));
  readSync(lines, tail, 0, tail.length, start);
  const end = start + tail.indexOf(10) + 1;
  ftruncateSync(lines, end);
  return end;
}

function writeAll(file: number, data: Buffer): void {
  for (let done = 0; done < data.length; ) done += writeSync(file, data, done);
}
