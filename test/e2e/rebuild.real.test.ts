import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { openInventory } from '../../src/db/inventory.ts';
import { listSites } from '../../src/db/sites.ts';
import { backupInventory, backupInventoryDaily, inventoryBackups } from '../../src/worker/inventory-backup.ts';
import { openStackRoot, type StackRoot } from '../support/inventory.ts';
import { debianTree } from '../support/platforms.ts';
import { runProgram } from '../support/program.ts';
import { done, runTask } from '../support/run-task.ts';
import { type Stack, startStack } from '../support/stack.ts';

const uris: [string, string] = ['a.example.test', 'b.example.test'];
/** A site of another CMS beside them. */
const blog = 'blog.example.test';
let stacks: Stack[];
let roots: StackRoot[];

beforeAll(async () => {
  stacks = [await startStack(), await startStack()];
  roots = stacks.map(openStackRoot);
}, 120_000);

afterAll(async () => {
  for (const root of roots ?? []) root.inventory.close();
  for (const stack of stacks ?? []) await stack.stop();
});

const aegir = (stack: Stack, ...words: string[]) => runProgram(stack.root, ...words);

it('a server is made again from its backups alone (pain 16)', async () => {
  const [lost, fresh] = stacks as [Stack, Stack];
  const [before, after] = roots as [StackRoot, StackRoot];
  const from = `path:${await debianTree(lost.root, 'spip', 'trixie')}`;
  expect(await runTask(before, 'platform.add', 'code', { from })).toMatchObject(done);
  const blogFrom = `path:${await debianTree(lost.root, 'wordpress')}`;
  expect(await runTask(before, 'platform.add', 'blogs', { from: blogFrom })).toMatchObject(done);
  for (const uri of [...uris, blog]) {
    const args = { platform: uri === blog ? 'blogs' : 'code', title: `This is ${uri}`, adminMail: 'a@example.test' };
    expect(await runTask(before, 'site.install', uri, args)).toMatchObject(done);
    expect(await runTask(before, 'site.alias', uri, { add: `www.${uri}` })).toMatchObject(done);
    expect(await runTask(before, 'site.set', uri, { noindex: 'yes' })).toMatchObject(done);
    expect(await runTask(before, 'site.backup', uri)).toMatchObject(done);
  }
  // One was called otherwise before: it is one site.
  const [old] = uris;
  uris[0] = 'aa.example.test';
  expect(await runTask(before, 'site.rename', old, { to: uris[0] })).toMatchObject(done);
  expect(listBackups(before.inventory, uris[0])).toHaveLength(1);
  expect(
    await runTask(before, 'site.restore', uris[0], { backup: listBackups(before.inventory, uris[0])[0]?.name }),
  ).toMatchObject(done);
  expect((await lost.fetch(`${uris[0]}:${lost.port}`, '/')).status).toBe(200);
  expect(await runTask(before, 'site.backup', uris[0])).toMatchObject(done);
  execFileSync('cp', ['-a', `${lost.paths.backups}/.`, fresh.paths.backups]);
  writeFileSync(join(fresh.paths.backups, 'notes.txt'), 'mine');

  const plan = JSON.parse(aegir(fresh, 'backup', 'rebuild', '--dry-run', '--json').stdout);
  const platforms = [
    { name: 'code', source: from },
    { name: 'blogs', source: blogFrom },
  ];
  expect(plan).toMatchObject({ platforms, sites: [...uris, blog].map((uri) => ({ uri })) });
  expect(plan.unreadable).toMatchObject([{ name: 'notes.txt' }]);
  expect(listSites(after.inventory)).toEqual([]);
  expect(listBackups(after.inventory)).toEqual([]);
  expect(aegir(fresh, 'backup', 'rebuild').status).toBe(3);

  const made = aegir(fresh, 'backup', 'rebuild', '--yes', '--json');
  expect(made.stderr).toBe('');
  expect(JSON.parse(made.stdout).outcomes.map(({ state }: { state: string }) => state)).toEqual(
    Array(5).fill('succeeded'),
  );
  for (const uri of [...uris, blog]) {
    // WordPress itself leads its other names to its address.
    const asked = uri === 'aa.example.test' || uri === blog ? uri : `www.${uri}`;
    const page = await fresh.fetch(`${asked}:${fresh.port}`, '/');
    expect(page.body).toContain(`This is ${uri.replace('aa.', 'a.')}`);
    expect(page.headers['x-robots-tag']).toContain('noindex');
  }
  // One that was deleted on purpose stays so, until it is named.
  expect(await runTask(after, 'site.delete', 'b.example.test', { backup: 'yes' })).toMatchObject(done);
  const again = aegir(fresh, 'backup', 'rebuild', '--yes');
  expect(again.status).toBe(0);
  expect(again.stdout).toContain('Not recreated, since they were deleted: b.example.test');
  expect(again.stdout).toContain('Every site');
  expect(aegir(fresh, 'backup', 'rebuild', '--yes', '--sites', 'b.example.test').status).toBe(0);
  expect(await runTask(after, 'site.delete', 'b.example.test', { backup: 'no' })).toMatchObject(done);
  expect(JSON.parse(aegir(fresh, 'backup', 'rebuild', '--dry-run', '--json').stdout)).toMatchObject({
    ...{ sites: [], deleted: ['b.example.test'] },
  });
  expect(aegir(fresh, 'backup', 'rebuild', '--yes', '--sites', 'b.example.test').status).toBe(0);
}, 240_000);

it('the inventory is saved once a day, read back, and only the newest are kept (pain 15)', async () => {
  const [, root] = roots as [StackRoot, StackRoot];
  const file = await backupInventory(root.inventory, root.paths);
  const copy = openInventory(file);
  expect(listSites(copy).map(({ uri }) => uri)).toEqual([...uris, blog]);
  copy.close();
  const folder = join(root.paths.backups, 'inventory');
  for (let day = 10; day < 30; day += 1) writeFileSync(join(folder, `inventory-202501${day}T000000Z.sqlite`), '');
  await backupInventoryDaily(root.inventory, root.paths);
  expect(inventoryBackups(root.paths)).toHaveLength(21);
  await backupInventoryDaily(root.inventory, root.paths, Date.now() + 25 * 3600_000);
  expect(inventoryBackups(root.paths)).toHaveLength(14);
  expect(inventoryBackups(root.paths)).toContain(file);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});
