import { join } from 'node:path';
import Database from 'better-sqlite3';
import { listSteps, type StepRow } from '../../src/db/journal.ts';
import { findTask, type TaskRow } from '../../src/db/tasks.ts';
import { until } from './commands.ts';
import { type Machine, pause } from './machine.ts';

const openInventory = (machine: Machine): Database.Database =>
  new Database(join(machine.path, 'var/aegir/inventory.sqlite'), { readonly: true });

/** Reads the inventory of a machine from outside: quicker than any command in there, and changes nothing. */
export function readInventory<T>(machine: Machine, read: (inventory: Database.Database) => T): T {
  const inventory = openInventory(machine);
  try {
    return read(inventory);
  } finally {
    inventory.close();
  }
}

export const taskOf = (machine: Machine, id: number): TaskRow | undefined =>
  readInventory(machine, (inventory) => findTask(inventory, id));
export const stepsOf = (machine: Machine, id: number): StepRow[] =>
  readInventory(machine, (inventory) => listSteps(inventory, id));
export const newestTask = (machine: Machine): number =>
  readInventory(machine, (inventory) =>
    inventory.prepare<[], number>('SELECT coalesce(max(id), 0) FROM task').pluck().get(),
  ) ?? 0;

const open = ['queued', 'running', 'interrupted'];

/** Waits for the end of a task, whatever that is. */
export const untilEnded = (machine: Machine, id: number): Promise<void> =>
  until(`task ${id} ends`, 240, () => !open.includes(taskOf(machine, id)?.state ?? 'queued'));

/** Waits for the end of a task; it must succeed. */
export async function untilDone(machine: Machine, id: number): Promise<void> {
  await untilEnded(machine, id);
  const task = taskOf(machine, id);
  const why = `${task?.state} ${JSON.stringify(task?.error ?? task?.result)} ${task?.unfinished ?? ''}`;
  if (task?.state !== 'succeeded' || task.unfinished) throw new Error(`${task?.type} ${task?.objectName}: ${why}`);
}

/** `apply home`: a step, by phase and name. */
export const keyOf = ({ phase, name }: StepRow): string => `${phase} ${name}`;

/**
 * Waits until a step of a task has begun, and `milliseconds` more, and calls `strike`. What is said is the step that then
 * ran: one of less than a millisecond may be over. Undefined, without a strike, when the task ended before.
 */
export async function untilStep(
  machine: Machine,
  id: number,
  key: string,
  milliseconds: number,
  strike: () => void,
): Promise<string | undefined> {
  const inventory = openInventory(machine);
  try {
    const deadline = Date.now() + 240_000;
    while (Date.now() < deadline) {
      const step = listSteps(inventory, id).find((row) => keyOf(row) === key);
      if (step && step.state !== 'waiting') {
        if (milliseconds > 0) await pause(milliseconds);
        strike();
        const now = listSteps(inventory, id).find(({ state }) => state === 'running');
        return now ? keyOf(now) : `after ${key}`;
      }
      if (!open.includes(findTask(inventory, id)?.state ?? 'queued')) return undefined;
      await pause(1);
    }
    throw new Error(`task ${id} does not come to its step ${key}`);
  } finally {
    inventory.close();
  }
}
