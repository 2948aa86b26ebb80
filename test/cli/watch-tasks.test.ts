import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { endTask, saveProgress } from '../../src/db/task-changes.ts';
import { ringBell } from '../../src/worker/bell.ts';
import { program } from '../support/program.ts';
import { type Seeded, seedInventory } from '../support/seed-inventory.ts';
import { startTerminal } from '../support/terminal.ts';

let folder = '';
let seeded: Seeded;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-watch-'));
  seeded = seedInventory(folder);
});
afterAll(() => {
  seeded.db.close();
  rmSync(folder, { recursive: true, force: true });
});

const words = (...more: string[]): string[] => [program, '--root', folder, 'tasks', ...more];

it('tasks --watch shows the queue live, on a screen of its own, until ctrl-c', async () => {
  const terminal = startTerminal({ command: process.execPath, args: words('--watch') });
  await terminal.waitFor(/2 +site\.verify +new\.example\.test +running 42%/);
  expect(terminal.onAlternateScreen()).toBe(true);
  saveProgress(seeded.db, seeded.running, { step: 'settings', done: 33, total: 33, unit: 'files' });
  ringBell(seeded.paths.bell);
  await terminal.waitFor('running 100%');
  endTask(seeded.db, seeded.running, { state: 'succeeded' });
  ringBell(seeded.paths.bell);
  await terminal.waitFor(/new\.example\.test +succeeded/);
  await terminal.settle(1200);
  const before = terminal.raw().length;
  await new Promise((resolve) => setTimeout(resolve, 2200));
  expect(terminal.raw().length).toBe(before);
  await terminal.press('ctrl-c');
  expect((await terminal.exit).code).toBe(130);
  expect(terminal.onAlternateScreen()).toBe(false);
});

it('tasks --watch --json writes a line for each task that is new or changes', async () => {
  const child = spawn(process.execPath, words('--watch', '--json'), { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const lines = () =>
    said
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { id: number; state: string });
  await expect.poll(lines, { timeout: 10_000 }).toMatchObject([{ id: 1 }, { id: 2 }]);
  seeded.db.prepare(`UPDATE task SET state = 'failed' WHERE id = 2`).run();
  await expect.poll(lines, { timeout: 10_000 }).toMatchObject([{ id: 1 }, { id: 2 }, { id: 2, state: 'failed' }]);
  child.kill('SIGTERM');
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
});

it('tasks --watch on a dumb terminal is the list again when it has changed, and nothing drawn over', async () => {
  const args = words('--watch');
  const terminal = startTerminal({ command: process.execPath, args, env: { TERM: 'dumb' }, rows: 40 });
  await terminal.waitFor('new.example.test');
  seeded.db.prepare(`UPDATE task SET state = 'cancelled' WHERE id = 2`).run();
  ringBell(seeded.paths.bell);
  await terminal.waitFor(/new\.example\.test +failed[\s\S]*new\.example\.test +cancelled/);
  await terminal.press('ctrl-c');
  expect((await terminal.exit).code).toBe(130);
  expect(terminal.raw()).not.toContain('\u001b');
});
