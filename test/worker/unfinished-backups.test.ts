import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBackup, insertBackup } from '../../src/db/backups.ts';
import { deleteBackup } from '../../src/worker/backups.ts';
import { localDeps } from '../../src/worker/local-deps.ts';
import { lastTrouble } from '../../src/worker/trouble.ts';
import { incomingName } from '../../src/worker/unfinished-backups.ts';
import { startWorker } from '../../src/worker/worker.ts';
import { seedBackupFolder } from '../support/seed-backup.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

const name = 'a.example.org-20260101T000000Z-0a1b';
let small: SmallRoot;
beforeEach(() => {
  small = openSmallRoot();
  chmodSync(small.folder, 0o711);
  mkdirSync(small.queue.paths.backups, { recursive: true });
});
afterEach(() => small.remove());

const there = (): string[] => readdirSync(small.queue.paths.backups).sort();

/** A folder of a backup with what says what it is. */
function folder(as: string): void {
  seedBackupFolder(join(small.queue.paths.backups, as), name);
}

function row(): void {
  const of = { uri: 'a.example.org', platform: 'one', engine: 'spip', version: '1', description: '', taskId: null };
  const site = { title: '', profile: 'd', language: 'en', admin: { name: 'x', mail: 'x@example.org' }, php: {} };
  insertBackup(small.db, { ...of, name, kind: 'kept', bytes: 1, site });
}

/** What a process that has died would have named. */
const dead = (kind: string, end: string): string => `.${kind}-${spawnSync('true').pid}-1-${end}`;

async function workerStarts(): Promise<void> {
  const worker = startWorker(localDeps(small.queue));
  await new Promise((resolve) => setTimeout(resolve, 200));
  await worker.drain();
  expect(lastTrouble(small.queue.paths)).toBeUndefined();
}

describe('a process that died', () => {
  it('after it had recorded a backup that came: it gets its place', async () => {
    folder(dead('incoming', '0a1b2c3d'));
    row();
    await workerStarts();
    expect(there()).toEqual([name]);
    expect(findBackup(small.db, name)).toBeDefined();
  });

  it('before that: nothing of it stays, also of an older version', async () => {
    folder(dead('incoming', '0a1b2c3d'));
    mkdirSync(join(small.queue.paths.backups, dead('incoming', 'empty')));
    mkdirSync(join(small.queue.paths.backups, '.incoming'));
    await workerStarts();
    expect(there()).toEqual([]);
    expect(findBackup(small.db, name)).toBeUndefined();
  });

  it('while it deleted one: that is gone, folder and row', async () => {
    folder(dead('going', name));
    row();
    await workerStarts();
    expect(there()).toEqual([]);
    expect(findBackup(small.db, name)).toBeUndefined();
  });
});

describe('a process that lives', () => {
  it('is left what it has in hand, and so are folders of others', async () => {
    const own = incomingName();
    folder(own);
    folder(name);
    mkdirSync(join(small.queue.paths.backups, 'inventory'));
    await workerStarts();
    expect(there()).toEqual([own, name, 'inventory'].sort());
  });

  it('deletes a backup with its row, also one whose folder is gone', async () => {
    folder(name);
    row();
    await deleteBackup(small.queue, name);
    expect(there()).toEqual([]);
    expect(findBackup(small.db, name)).toBeUndefined();
    row();
    await deleteBackup(small.queue, name);
    expect(findBackup(small.db, name)).toBeUndefined();
    expect(existsSync(join(small.queue.paths.backups, name))).toBe(false);
  });
});
