import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listTasks } from '../../src/db/tasks.ts';
import { program } from '../support/program.ts';
import { type Seeded, seedInventory } from '../support/seed-inventory.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';

let folder = '';
let seeded: Seeded;
let terminal: Terminal | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-agree-'));
  seeded = seedInventory(folder);
});
afterEach(async () => {
  terminal?.hangUp();
  await terminal?.exit;
  seeded.db.close();
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ['n\r', 'n'],
  ['\r', 'nothing'],
  ['\u0004', 'ctrl-d'],
])(
  'a question that is answered with %j (%s) ends calmly, says that nothing was done, and is no success',
  async (keys) => {
    const before = listTasks(seeded.db).length;
    const args = [program, '--root', folder, 'site', 'disable', 'shop.example.test'];
    terminal = startTerminal({ command: process.execPath, args, cols: 100 });
    await terminal.waitFor('[y/N]');
    await terminal.type(keys);
    expect((await terminal.exit).code).toBe(3);
    expect(terminal.text()).toMatch(/^Nothing was queued\.$/m);
    expect(terminal.text()).not.toContain('aegir:');
    expect(listTasks(seeded.db)).toHaveLength(before);
  },
  30_000,
);
