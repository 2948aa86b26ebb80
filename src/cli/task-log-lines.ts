import type { LogLine } from '../provision/tasks/model/task.ts';
import { openLogReader } from '../state/log/reader.ts';
import { shown } from './shown.ts';

/** The log of a task from its beginning on, also while it is written. */
export interface TaskLogLines {
  /** What has come since the last call. */
  next(): LogLine[];
  close(): void;
}

/** Opens it, also where the task has written none yet. `folder` has the logs of tasks. */
export function openTaskLogLines(folder: string, id: number): TaskLogLines {
  let reader: ReturnType<typeof openLogReader>;
  let taken = 0;
  return {
    next() {
      reader ??= openLogReader(folder, id);
      const count = reader?.count() ?? 0;
      const lines = reader && count > taken ? reader.lines(taken, count) : [];
      taken += lines.length;
      return lines;
    },
    close: () => reader?.close(),
  };
}

/** Prints a line of a task's log as people read it. */
export const printLogLine = ({ at, step, level, text }: LogLine): void =>
  void process.stdout.write(
    shown(`${at.slice(11, 19)} ${step.padEnd(10)} ${level === 'info' ? '' : `${level}: `}${text}\n`),
  );
