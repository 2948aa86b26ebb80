import { fstatSync } from 'node:fs';
import type { Inventory } from '../db/inventory.ts';
import { findTask, type TaskRow } from '../db/tasks.ts';
import { took } from './tasks.ts';
import { isEnded } from './wait.ts';

/** An ended task in one line: id, type, object, state, duration and errors. It contains no arguments or secrets. */
export function outcomeLine(task: TaskRow): string {
  const { id, type, objectName, state, error, unfinished } = task;
  const time = took(task);
  const why = [
    ...(error ? [`${error.code} ${error.message}`] : []),
    ...(unfinished ? [`UNFINISHED ${unfinished}; once the cause is fixed: aegir task recover ${id}`] : []),
  ];
  const outcome = ['task', id, type, objectName, state, ...(time ? [`in ${time}`] : [])].join(' ');
  return why.length === 0 ? outcome : `${outcome}: ${why.join('. ')}`;
}

/** Reports the outcome of a task if it has ended. Never throws. */
export function reportOutcome(inventory: Inventory, id: number, say: (line: string, task: TaskRow) => void): void {
  try {
    const task = findTask(inventory, id);
    if (task && isEnded(task)) say(outcomeLine(task), task);
  } catch {
    // A report must not make a task fail: the outcome stays in the inventory, even if it cannot be read now.
  }
}

/** Prefixes for the priorities of syslog (sd-daemon(3)). */
const priorities: Partial<Record<TaskRow['state'], string>> = { failed: '<3>', warning: '<4>' };

/** A line with its priority, if stdout is systemd's journal (systemd.exec(5), JOURNAL_STREAM); else the plain line. */
export function forJournal(line: string, { state }: TaskRow): string {
  const { dev, ino } = fstatSync(1);
  return process.env.JOURNAL_STREAM === `${dev}:${ino}` ? `${priorities[state] ?? ''}${line}` : line;
}
