import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { findSite } from '../../src/db/sites.ts';
import { currentActor } from '../../src/worker/actor.ts';
import { checkBackup, exportBackup, importBackup } from '../../src/worker/backups.ts';
import { localDeps } from '../../src/worker/local-deps.ts';
import { openStackRoot, type StackRoot } from '../support/inventory.ts';
import { copyOf, debianTree, givenTrees } from '../support/platforms.ts';
import { done, runTask } from '../support/run-task.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { startTestTrial, type Trial } from '../support/trial.ts';

const codes = [
  { name: 'spip', tree: () => debianTree(stack.root, 'spip', 'trixie') },
  ...givenTrees().map((path) => ({ name: basename(path), tree: async () => copyOf(stack.root, path) })),
];

let stack: Stack;
let root: StackRoot;
let trial: Trial;
let trialRoot: StackRoot;

beforeAll(async () => {
  stack = await startStack();
  root = openStackRoot(stack);
  trial = await startTestTrial('local');
  const { root: open } = trial;
  trialRoot = { ...open, queue: { ...open, actor: currentActor({}), readOnly: false }, deps: localDeps(open) };
}, 240_000);

afterAll(async () => {
  await trial?.stop();
  root?.inventory.close();
  await stack?.stop();
});

describe.each(codes)('a site on $name that began as a trial', ({ name, tree }) => {
  const slug = name.replaceAll(/[^a-z0-9]/g, '');
  const [small, large] = [`${slug}.localhost`, `${slug}.example.test`];
  const archive = (): string => join(stack.root, `${slug}.tar`);
  let backup = '';

  it('is saved as one file', async () => {
    const from = `path:${await tree()}`;
    expect(await runTask(trialRoot, 'platform.add', name, { from })).toMatchObject(done);
    const args = { platform: name, title: 'Grown up', adminMail: 'a@example.test' };
    expect(await runTask(trialRoot, 'site.install', small, args)).toMatchObject(done);
    const handle = findSite(trialRoot.inventory, small)?.handle ?? '';
    writeFileSync(join(trial.root.paths.sites, handle, 'data/files/note.txt'), 'a note');
    expect(await runTask(trialRoot, 'site.backup', small)).toMatchObject(done);
    backup = listBackups(trialRoot.inventory, small)[0]?.name ?? '';
    await exportBackup(trialRoot.queue, backup, archive());
    expect(statSync(archive()).mode & 0o777).toBe(0o600);
    await expect(exportBackup(trialRoot.queue, backup, archive())).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  }, 180_000);

  it('lives on a server: its rows in MariaDB, its files its own user’s, its addresses new', async () => {
    // Two at once, as two people would: one takes it in.
    const both = await Promise.allSettled([importBackup(root.queue, archive()), importBackup(root.queue, archive())]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(importBackup(root.queue, archive())).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    await checkBackup(root.queue, backup);
    expect(readdirSync(stack.paths.backups).filter((one) => /^\./.test(one) || one.startsWith(small))).toEqual([
      backup,
    ]);
    expect(await runTask(root, 'platform.add', name, { from: `path:${await tree()}` })).toMatchObject(done);
    expect(await runTask(root, 'site.import', large, { backup, platform: name })).toMatchObject(done);
    const page = await stack.fetch(`${large}:${stack.port}`, '/');
    expect(page.status).toBe(200);
    expect(page.body).toContain('Grown up');
    expect(page.body).not.toContain(small);
    const site = findSite(root.inventory, large);
    expect(site).toMatchObject({ title: 'Grown up', databaseDriver: 'mariadb', state: 'enabled' });
    const note = join(stack.paths.sites, site?.handle ?? '', 'data/files/note.txt');
    expect(statSync(note).uid).toBe(site?.uid);
    expect(await runTask(root, 'site.verify', large)).toMatchObject(done);
    const login = await runTask(root, 'site.login', large);
    expect(login).toMatchObject(done);
    expect(await runTask(root, 'site.delete', large)).toMatchObject(done);
  }, 180_000);
});

it('what is no backup is told, and leaves nothing behind', async () => {
  const file = join(stack.root, 'no-backup.tar');
  execFileSync('tar', ['-cf', file, '-C', '/etc', 'hostname']);
  await expect(importBackup(root.queue, file)).rejects.toMatchObject({ code: 'BACKUP_UNKNOWN' });
  expect(readdirSync(stack.paths.backups).filter((name) => name.startsWith('.'))).toEqual([]);
  rmSync(file);
});
