import { spawn } from 'node:child_process';
import { expect } from 'vitest';
import { listSteps } from '../../src/db/journal.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { StackRoot } from './inventory.ts';
import { untilEnded } from './run-task.ts';

/** Before each step of a task, and after its first act; `onlyLook` names steps that change nothing (`apply:probe`). */
export function moments(
  task: { apply: { name: string }[]; cleanUp: { name: string }[] },
  onlyLook: ReadonlySet<string>,
): string[] {
  const steps = [
    ...task.apply.map(({ name }) => `apply:${name}`),
    'commit:record',
    ...task.cleanUp.map(({ name }) => `cleanUp:${name}`),
  ];
  return steps.flatMap((step) => (onlyLook.has(step) ? [`before:${step}`] : [`before:${step}`, `during:${step}`]));
}

/** Runs a worker that kills itself at a moment. Fails when the moment never comes. */
export async function runUntilKilled(root: StackRoot, moment: string): Promise<void> {
  const worker = spawn(process.execPath, ['test/support/killed-worker.ts', root.paths.root, moment], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  worker.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  const limit = setTimeout(() => worker.kill('SIGTERM'), 60_000);
  const signal = await new Promise((resolve) => worker.once('exit', (_code, name) => resolve(name)));
  clearTimeout(limit);
  expect(`${String(signal)} ${words}`).toBe('SIGKILL ');
}

/** The next start: a worker that first puts right what the dead one left. */
export async function recover(root: StackRoot): Promise<void> {
  const worker = startWorker(root.deps);
  const open = root.inventory
    .prepare<[], number>(`SELECT id FROM task WHERE state IN ('running', 'interrupted', 'queued')`)
    .pluck()
    .all();
  try {
    for (const id of open) {
      await untilEnded(root, id);
      const unsettled = listSteps(root.inventory, id).filter(({ state }) => state === 'running' || state === 'undoing');
      expect(unsettled).toEqual([]);
    }
  } finally {
    await worker.drain();
  }
}
