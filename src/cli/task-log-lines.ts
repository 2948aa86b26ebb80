import type { LogLine } from '../provision/tasks/model/task.ts';
import { openLogReader } from '../state/log/reader.ts';
import { forTerminal } from './terminal-text.ts';

/** The log of a task, read from its beginning, also while it is written. */
export interface TaskLogLines {
  /** The lines since the last call. */
  next(): LogLine[];
  close(): void;
}

/** Opens the log, even if it does not exist yet. `folder` contains the logs of tasks. */
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

/** Prints a line of a task's log for people. */
export const printLogLine = ({ at, step, level, text }: LogLine): void =>
  void process.stdout.write(
    forTerminal(`${at.slice(11, 19)} ${step.padEnd(10)} ${level === 'info' ? '' : `${level}: `}${text}\n`),
  );
