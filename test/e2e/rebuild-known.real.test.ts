import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { siteSchedules } from '../../src/db/schedules.ts';
import { findSite } from '../../src/db/sites.ts';
import { reload } from '../../src/provision/services/reload.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { debianTree } from '../support/platforms.ts';
import { runProgram } from '../support/program.ts';
import { done, runTask } from '../support/run-task.ts';
import { phpBranch, type Stack, socketOf } from '../support/stack.ts';

let stack: Stack;
let root: StackRoot;

onOwnServer((own) => {
  ({ stack, root } = own);
});

const aegir = (...words: string[]) => runProgram(stack.root, ...words);

it('sites that the inventory knows come back under their own handles, with what it knows of them', async () => {
  const uri = 'path.example.test';
  const tree = await debianTree(stack.root, 'spip', 'trixie');
  expect(await runTask(root, 'platform.add', 'code', { from: `path:${tree}` })).toMatchObject(done);
  const inPlace = { platform: 'code', title: 'On code in place', adminMail: 'a@example.test' };
  expect(await runTask(root, 'site.install', uri, inPlace)).toMatchObject(done);
  expect(await runTask(root, 'site.alias', uri, { add: `www.${uri}` })).toMatchObject(done);
  const archive = join(stack.root, 'cache/code.tar');
  // The code of a package knows where it lies.
  const replace = 'grep -rlZF "$1" "$1" | xargs -0r sed -i "s#$1#$2#g"';
  const code = await debianTree(stack.root, 'spip', 'trixie');
  execFileSync('sh', ['-c', replace, 'sh', code, join(stack.paths.platforms, 'built')]);
  execFileSync('tar', ['-cf', archive, '-C', code, '--transform=s,^\\.,code,', '.']);
  expect(await runTask(root, 'platform.add', 'built', { from: `archive:${archive}` })).toMatchObject(done);
  const other = 'built.example.test';
  const args = { platform: 'built', title: 'On built code', adminMail: 'a@example.test' };
  expect(await runTask(root, 'site.install', other, args)).toMatchObject(done);
  for (const one of [uri, other]) expect(await runTask(root, 'site.backup', one)).toMatchObject(done);
  expect(await runTask(root, 'site.set', uri, { backupHours: 24, keep: 3, cron: 7 })).toMatchObject(done);
  expect(await runTask(root, 'site.lock', uri, { reason: 'audit' })).toMatchObject(done);
  const before = [uri, other].map((one) => findSite(root.inventory, one));

  // The machine is lost, its inventory and its backups are not.
  const socket = socketOf(stack);
  for (const site of before) {
    const { handle = '', databaseName: database = '' } = site ?? {};
    await stack.host.act('db.account.remove', { socket, account: handle });
    await stack.host.act('db.drop', { socket, database });
    await stack.host.act('tree.remove', { path: join(stack.paths.sites, handle), as: handle });
    for (const file of [`nginx/site-${handle}.conf`, `php/${phpBranch()}/site-${handle}.conf`]) {
      rmSync(join(stack.paths.config, file));
    }
  }
  for (const placed of standardProgram.services.forSites(stack.server)) await reload(stack.host, placed);
  for (const site of before) await stack.host.act('user.remove', { user: site?.handle ?? '' });
  rmSync(join(stack.paths.platforms, 'built'), { recursive: true });

  const plan = JSON.parse(aegir('backup', 'rebuild', '--dry-run', '--json').stdout);
  expect(plan).toMatchObject({ platforms: [{ name: 'built', again: true }], lost: [] });
  expect(plan.sites).toMatchObject([
    { uri: other, again: true },
    { uri, again: true },
  ]);
  const made = aegir('backup', 'rebuild', '--yes', '--json');
  expect(made.stderr).toBe('');
  expect(JSON.parse(made.stdout).outcomes.map(({ state }: { state: string }) => state)).toEqual(
    Array(3).fill('succeeded'),
  );
  expect((await stack.fetch(`${other}:${stack.port}`, '/')).body).toContain('On built code');
  expect((await stack.fetch(`www.${uri}:${stack.port}`, '/')).body).toContain('On code in place');
  for (const [place, one] of [uri, other].entries()) {
    const { handle, lockReason, client, createdAt, aliases } = before[place] ?? {};
    expect(findSite(root.inventory, one)).toMatchObject({ handle, lockReason, client, createdAt, aliases });
  }
  const schedules = siteSchedules(root.inventory, before[0]?.id ?? 0);
  expect(schedules.map(({ minutes }) => minutes)).toEqual([1440, 7]);
  // Nothing is lost now.
  expect(aegir('backup', 'rebuild', '--yes').stdout).toContain('Every site with a backup exists.');
  expect(await runTask(root, 'site.unlock', uri)).toMatchObject(done);
  for (const one of [uri, other]) expect(await runTask(root, 'site.verify', one)).toMatchObject(done);
}, 240_000);
