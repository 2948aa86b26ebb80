import { fstatSync } from 'node:fs';
import type { Inventory } from '../db/inventory.ts';
import { findTask, type TaskRow } from '../db/tasks.ts';
import { took } from './tasks.ts';
import { isEnded } from './wait.ts';

/** A task that has ended, in one line: which, on what, how, after how long, and why. Arguments and secrets are not told. */
export function outcomeLine(task: TaskRow): string {
  const { id, type, objectName, state, error, unfinished } = task;
  const time = took(task);
  const why = [
    ...(error ? [`${error.code} ${error.message}`] : []),
    ...(unfinished ? [`UNFINISHED ${unfinished}; once it is mended: aegir task recover ${id}`] : []),
  ];
  const words = ['task', id, type, objectName, state, ...(time ? [`in ${time}`] : [])].join(' ');
  return why.length === 0 ? words : `${words}: ${why.join('. ')}`;
}

/** Tells how a task has ended; nothing of one that has not. It never throws. */
export function tellOutcome(inventory: Inventory, id: number, say: (line: string, task: TaskRow) => void): void {
  try {
    const task = findTask(inventory, id);
    if (task && isEnded(task)) say(outcomeLine(task), task);
  } catch {
    // No task fails for what is told of it: an inventory that cannot be read now has what happened all the same.
  }
}

/** Priorities of syslog: error, warning, notice and so on (sd-daemon(3)). */
const priorities: Partial<Record<TaskRow['state'], string>> = { failed: '<3>', warning: '<4>' };

/** A line as systemd's journal takes it, with its priority; plain where standard output leads elsewhere (systemd.exec(5), JOURNAL_STREAM). */
export function forJournal(line: string, { state }: TaskRow): string {
  const { dev, ino } = fstatSync(1);
  return process.env.JOURNAL_STREAM === `${dev}:${ino}` ? `${priorities[state] ?? ''}${line}` : line;
}
