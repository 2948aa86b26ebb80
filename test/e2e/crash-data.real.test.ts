import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { findSite } from '../../src/db/sites.ts';
import { findTask } from '../../src/db/tasks.ts';
import { siteBackup } from '../../src/provision/tasks/site-backup.ts';
import { siteClone } from '../../src/provision/tasks/site-clone.ts';
import { siteRestore } from '../../src/provision/tasks/site-restore.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { openStackRoot, type StackRoot } from '../support/inventory.ts';
import { moments, recover, runUntilKilled } from '../support/kill-worker.ts';
import { debianTree } from '../support/platforms.ts';
import { runTask } from '../support/run-task.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { tracesOf } from '../support/traces.ts';

let stack: Stack;
let root: StackRoot;
let home: string;
let first: string;
let tree: string;
const uri = 'crash.example.test';
const copy = 'copy.example.test';
const marker = (): string => join(home, 'data/files/IMG/marker.txt');

beforeAll(async () => {
  stack = await startStack();
  root = openStackRoot(stack);
  tree = await debianTree(stack.root, 'spip', 'trixie');
  await runTask(root, 'platform.add', 'code', { from: `path:${tree}` });
  const args = { platform: 'code', title: 'Crash', adminMail: 'a@example.test' };
  expect(await runTask(root, 'site.install', uri, args)).toMatchObject({ error: null });
  home = join(stack.paths.sites, findSite(root.inventory, uri)?.handle ?? '');
  await stack.host.act('user.run', {
    user: findSite(root.inventory, uri)?.handle ?? '',
    file: 'sh',
    args: ['-c', 'echo old > "$1"', 'sh', marker()],
    cwd: '/',
  });
  expect(await runTask(root, 'site.backup', uri)).toMatchObject({ error: null });
  first = listBackups(root.inventory, uri)[0]?.name ?? '';
});

afterAll(async () => {
  root?.inventory.close();
  await stack?.stop();
});

/** Kills the worker at a moment of a task and starts another; says whether the task went forward. */
async function crash(
  moment: string,
  type: string,
  object: string,
  args: Record<string, unknown> = {},
): Promise<boolean> {
  const id = queueTask(root.queue, { type, object, args });
  await runUntilKilled(root, moment);
  await recover(root);
  const task = findTask(root.inventory, id);
  expect(task?.unfinished).toBeNull();
  if (task?.state === 'succeeded') return true;
  expect(task).toMatchObject({ state: 'failed', error: { code: 'INTERRUPTED' } });
  return false;
}

/** The site answers, and its home holds nothing but what a site has. */
async function expectWhole(): Promise<void> {
  expect((await stack.fetch(`${uri}:${stack.port}`, '/')).body).toContain('Crash');
  expect(readdirSync(home).sort()).toEqual(['data', 'releases']);
  expect(readdirSync(join(home, 'data')).sort()).toEqual(['extensions', 'files', 'private']);
  expect(readdirSync(join(home, 'releases'))).toEqual([String(findSite(root.inventory, uri)?.release)]);
  // Each backup has its folder and each folder is a backup.
  expect(readdirSync(stack.paths.backups).sort()).toEqual(
    listBackups(root.inventory)
      .map(({ name }) => name)
      .sort(),
  );
}

const onlyLook = new Set([
  'cleanUp:rotate',
  'apply:probe',
  'apply:describe',
  'apply:measure',
  'commit:record',
  'cleanUp:probe',
  'apply:check',
]);

describe('kill -9 of the worker while the data of a site are carried', () => {
  it.each(moments(siteBackup, onlyLook))('backup, %s', async (moment) => {
    const before = listBackups(root.inventory).length;
    const forward = await crash(moment, 'site.backup', uri);
    expect(listBackups(root.inventory)).toHaveLength(forward ? before + 1 : before);
    await expectWhole();
  });

  it.each(moments(siteRestore, onlyLook))('restore, %s', async (moment) => {
    writeFileSync(marker(), 'new\n');
    const release = findSite(root.inventory, uri)?.release ?? 0;
    const forward = await crash(moment, 'site.restore', uri, { backup: first });
    expect(findSite(root.inventory, uri)?.release).toBe(forward ? release + 1 : release);
    expect(readFileSync(marker(), 'utf8')).toBe(forward ? 'old\n' : 'new\n');
    await expectWhole();
  });

  it.each(moments(siteClone, onlyLook))('clone, %s', async (moment) => {
    const forward = await crash(moment, 'site.clone', copy, { source: uri });
    const handle = root.inventory.prepare('SELECT handle FROM handle ORDER BY number DESC LIMIT 1').pluck().get();
    if (forward) {
      expect((await stack.fetch(`${copy}:${stack.port}`, '/')).body).toContain('Crash');
      expect(await runTask(root, 'site.delete', copy)).toMatchObject({ error: null });
    }
    expect(findSite(root.inventory, copy)).toBeUndefined();
    expect(await tracesOf(stack, root, { handle: String(handle), uri: copy }, [tree])).toEqual([]);
    await expectWhole();
  });
});
