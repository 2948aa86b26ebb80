import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endTask } from '../../src/db/tasks.ts';
import { seedInventory } from '../support/seed-inventory.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';

const project = join(import.meta.dirname, '../..');
let root = '';
let terminal: Terminal | undefined;

// Does nothing where the program is newer than its sources.
beforeAll(() => void execFileSync(process.execPath, [join(project, 'scripts/build.mjs')]), 60_000);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aegir-start-'));
});
afterEach(async () => {
  try {
    terminal?.kill('SIGKILL');
  } catch {
    // It has ended by itself.
  }
  await terminal?.exit;
  rmSync(root, { recursive: true, force: true });
});

const start = (...args: string[]): Terminal =>
  startTerminal({ command: process.execPath, args: [join(project, 'dist/aegir.js'), '--root', root, ...args] });

it('aegir without words opens the console on the sites, and q leaves it', async () => {
  const { db, running } = seedInventory(root);
  endTask(db, running, { state: 'succeeded' });
  db.close();
  terminal = start('--read-only');
  await terminal.waitFor('shop.example.test');
  await terminal.waitFor('v verify');
  await terminal.press('2');
  await terminal.waitFor('Platforms 3');
  await terminal.press('q');
  expect((await terminal.exit).code).toBe(0);
  expect(terminal.onAlternateScreen()).toBe(false);
});

it('aegir on a machine that is not set up says so, and what to do', async () => {
  terminal = start();
  await terminal.waitFor('This machine is not set up');
  await terminal.waitFor('The ways on');
  await terminal.press('q');
  expect((await terminal.exit).code).toBe(0);
});
