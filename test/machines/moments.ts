import { createHash } from 'node:crypto';
import { keyOf, newestTask, stepsOf, taskOf, untilStep } from './journal.ts';
import type { Machine } from './machine.ts';
import { isDone, lives, queue, type TrialTask } from './tasks.ts';

/** A moment of a task: so many milliseconds after a step of it has begun. */
export interface Moment {
  task: TrialTask['name'];
  step: string;
  after: number;
  /** How long the step lasted undisturbed. */
  lasted: number;
}

/** A number from 0 to below 1, the same one for the same words. */
export const draw = (...words: (string | number)[]): number =>
  createHash('sha256').update(words.join(' ')).digest().readUInt32BE(0) / 2 ** 32;

/** Runs each task undisturbed: its steps, and a moment within each. */
export async function momentsOf(machine: Machine, seed: number): Promise<Moment[]> {
  const found = new Map<string, Moment>();
  for (const task of lives.flat()) {
    const id = await queue(machine, task);
    await isDone(machine, id, task);
    for (const step of stepsOf(machine, id)) {
      if (!step.startedAt || !step.endedAt || step.state === 'notNeeded') continue;
      const lasted = Date.parse(step.endedAt) - Date.parse(step.startedAt);
      const key = keyOf(step);
      const after = Math.floor(lasted * draw(seed, task.name, key) * 0.9);
      found.set(`${task.name} ${key}`, { task: task.name, step: key, after, lasted });
    }
  }
  return [...found.values()];
}

/**
 * Queues a task and calls `strike` at a moment of it, at once, with the step that then runs: undefined when the
 * task ended before, and nothing has happened to it.
 */
export async function strikeAt(
  machine: Machine,
  task: TrialTask,
  moment: Pick<Moment, 'step' | 'after'>,
  strike: () => void,
): Promise<{ id: number; step: string | undefined }> {
  const id = newestTask(machine) + 1;
  const queued = queue(machine, task);
  // Its row is there some time before the command has ended.
  while (!taskOf(machine, id)) await Promise.race([queued, new Promise((resolve) => setTimeout(resolve, 2))]);
  const step = await untilStep(machine, id, moment.step, moment.after, strike);
  await queued;
  return { id, step };
}
