import { findTask, type TaskRow } from '../../src/db/tasks.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { StackRoot } from './inventory.ts';

/** What a task that has gone well says of itself. */
export const done = { error: null, state: 'succeeded', unfinished: null };

const ended = new Set(['succeeded', 'warning', 'failed', 'cancelled']);

/** Waits until a task has ended. Only its state is asked for meanwhile: to read the row takes ten times as long. */
export async function untilEnded(root: StackRoot, id: number, seconds = 120): Promise<TaskRow> {
  const state = root.inventory.prepare<[number], string>('SELECT state FROM task WHERE id = ?').pluck();
  for (let waited = 0; waited < seconds * 1000; waited += 20) {
    const task = ended.has(state.get(id) ?? '') ? findTask(root.inventory, id) : undefined;
    if (task) return task;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`task ${id} did not end within ${seconds} seconds`);
}

/** Queues a task, is the worker until it has ended, and returns it. */
export async function runTask(
  root: StackRoot,
  type: string,
  object: string,
  args: Record<string, unknown> = {},
  seconds?: number,
): Promise<TaskRow> {
  const worker = startWorker(root.deps);
  try {
    return await untilEnded(root, queueTask(root.queue, { type, object, args }), seconds);
  } finally {
    await worker.drain();
  }
}
