import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endTask } from '../../src/db/task-changes.ts';
import { program } from '../support/program.ts';
import { seedInventory } from '../support/seed-inventory.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';

let root = '';
let terminal: Terminal | undefined;

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
  startTerminal({ command: process.execPath, args: [program, '--root', root, ...args] });

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

it('the console, in which tasks run, is not opened by somebody who wants nothing done', async () => {
  seedInventory(root).db.close();
  terminal = start('--dry-run');
  await terminal.waitFor('--dry-run needs a command');
  expect((await terminal.exit).code).toBe(2);
});

it('aegir takes options of the console, and config.json where they say nothing', async () => {
  seedInventory(root).db.close();
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/config.json'), JSON.stringify({ console: { theme: 'light', glyphs: 'ascii' } }));
  terminal = start('--read-only', '--no-alt-screen', '--theme=mono');
  await terminal.waitFor('v verify');
  expect(terminal.onAlternateScreen()).toBe(false);
  expect(terminal.raw()).not.toMatch(/\u001b\[3\d/);
  expect(terminal.text()).toMatch(/shop\.example\.test .* \* enabled/);
  await terminal.press('ctrl-c', 'ctrl-c');
  expect((await terminal.exit).code).toBe(0);
});

it('aegir --screen-reader says where one is', async () => {
  seedInventory(root).db.close();
  terminal = start('--read-only', '--screen-reader');
  await terminal.waitFor(/^1 of 6, blog\.example\.test, platform/m);
  await terminal.press('ctrl-c', 'ctrl-c');
  expect((await terminal.exit).code).toBe(0);
});

it.each([
  [['--theme', 'pink'], 'USAGE there is no theme "pink". Themes: auto, dark, light, mono.', 2, {}],
  [[], 'CONFIG_INVALID', 3, { console: { theme: 'pink' } }],
])('aegir %s says what is wrong before it draws anything', async (words, said, code, config) => {
  seedInventory(root).db.close();
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/config.json'), JSON.stringify(config));
  terminal = start(...words);
  expect((await terminal.exit).code).toBe(code);
  await terminal.settle();
  expect(terminal.raw()).toContain(said);
  expect(terminal.raw()).not.toContain('\u001b[?1049h');
});
