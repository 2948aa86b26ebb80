import type { LogSource } from '../model/log-source.ts';
import { taskFormat } from './format.ts';
import { type LogReader, openLogReader } from './reader.ts';

/** The log of a task, which may not have begun yet. */
export function openTaskSource(folder: string, taskId: number): LogSource {
  let reader: LogReader | undefined;
  let count = 0;
  return {
    format: taskFormat,
    first: () => 0,
    end: () => count,
    whole: () => true,
    raw: (from, to) => reader?.raw(from, Math.min(to, count)) ?? [],
    numberAt: (place) => place,
    placeOf: (number) => number,
    work: () => false,
    refresh() {
      reader ??= openLogReader(folder, taskId);
      const before = count;
      count = reader?.count() ?? 0;
      return count !== before;
    },
    problem: () => (count === 0 ? 'Nothing is logged yet.' : ''),
    close: () => reader?.close(),
  };
}
