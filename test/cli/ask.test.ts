import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listTasks } from '../../src/db/tasks.ts';
import { program } from '../support/program.ts';
import { type Seeded, seedInventory } from '../support/seed-inventory.ts';
import { startTerminal } from '../support/terminal.ts';

let root: string;
let seeded: Seeded;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aegtest-ask-'));
  seeded = seedInventory(root);
});
afterEach(() => {
  seeded.db.close();
  rmSync(root, { recursive: true, force: true });
});

const uri = 'wiki.example.test';
const remove = (...words: string[]) => {
  const args = [program, '--root', root, 'site', 'delete', uri, ...words];
  return startTerminal({ command: process.execPath, args, cols: 160 });
};
const queued = () => listTasks(seeded.db, { type: 'site.delete' });

describe('site delete at a terminal', () => {
  it('asks whether the site is saved first, then for its name', async () => {
    const terminal = remove();
    await terminal.waitFor('Make a backup first? [yes/no]');
    await terminal.type('what');
    await terminal.press('enter');
    await terminal.type('y');
    await terminal.press('enter');
    await terminal.waitFor('Type the name to continue:');
    await terminal.type(uri);
    await terminal.press('enter');
    expect((await terminal.exit).code).toBe(0);
    expect(queued()).toMatchObject([{ objectName: uri, args: { backup: 'yes' } }]);
  });

  it('asks nothing that was said', async () => {
    expect((await remove('--backup', 'no', '--confirm', uri).exit).code).toBe(0);
    expect(queued()).toMatchObject([{ args: { backup: 'no' } }]);
  });

  it('saves without a question where config.json says always, and is refused without', async () => {
    mkdirSync(seeded.paths.etc, { recursive: true });
    writeFileSync(join(seeded.paths.etc, 'config.json'), '{"sites": {"backupBeforeDelete": "always"}}');
    const refused = remove('--backup', 'no', '--confirm', uri);
    await refused.waitFor('BACKUP_WANTED');
    expect((await refused.exit).code).not.toBe(0);
    expect(queued()).toEqual([]);
    expect((await remove('--confirm', uri).exit).code).toBe(0);
    expect(queued()).toMatchObject([{ args: { backup: 'yes' } }]);
  });
});
