import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { findPlatform } from '../../src/db/platforms.ts';
import { findSite } from '../../src/db/sites.ts';
import { formerConfig, siteConfig } from '../../src/provision/engines/site-config.ts';
import type { RootVerb } from '../../src/provision/host/root-acts.ts';
import { onPlatform } from '../../src/provision/model/context.ts';
import { configBefore, publish } from '../../src/provision/services/publish.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { siteContextOf } from '../../src/worker/contexts.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { debianTree } from '../support/platforms.ts';
import { done, runTask } from '../support/run-task.ts';
import { phpBranch, type Stack } from '../support/stack.ts';

/** The same PHP as a service of its own, as if it were older. */
const OLDER = '7.9';
const uri = 'shop.example.test';

let stack: Stack;
let root: StackRoot;

onOwnServer(
  (own) => {
    ({ stack, root } = own);
  },
  { otherPhp: [OLDER] },
);

const handle = (): string => findSite(root.inventory, uri)?.handle ?? '';
const pools = (): string[] =>
  [phpBranch(), OLDER].filter((branch) => existsSync(join(stack.paths.config, 'php', branch, `site-${handle()}.conf`)));
const sockets = (): string[] =>
  [phpBranch(), OLDER].filter((branch) => existsSync(join(stack.paths.run, 'php', `${handle()}-${branch}.sock`)));
const phpNamed = (branch: string) => {
  const placed = standardProgram.services.all(stack.server).find(({ service }) => service.settings.branch === branch);
  if (!placed) throw new Error(`no PHP ${branch}`);
  return placed;
};
const control = (branch: string, action: 'start' | 'stop') => {
  const { driver, server } = phpNamed(branch);
  return driver.control(stack.host, server, action);
};
const status = async (): Promise<number> => (await stack.fetch(`${uri}:${stack.port}`, '/')).status;
const log = (id: number): string => readFileSync(join(stack.paths.taskLogs, `${id}.ndjson`), 'utf8');

beforeAll(async () => {
  for (const [name, args] of Object.entries({ newer: {}, older: { php: OLDER } })) {
    const from = `path:${await debianTree(stack.root, 'wordpress')}`;
    expect(await runTask(root, 'platform.add', name, { from, ...args })).toMatchObject(done);
  }
  const args = { platform: 'newer', title: 'Shop', adminMail: 'a@example.test' };
  expect(await runTask(root, 'site.install', uri, args)).toMatchObject(done);
}, 120_000);

it('gives a platform the newest PHP, unless another one is named', async () => {
  expect(findPlatform(root.inventory, 'newer')?.php).toBe(phpBranch());
  expect(findPlatform(root.inventory, 'older')?.php).toBe(OLDER);
  const from = `path:${await debianTree(stack.root, 'wordpress')}`;
  const refused = await runTask(root, 'platform.add', 'none', { from, php: '5.1' });
  expect(refused).toMatchObject({ state: 'failed', error: { code: 'PHP_MISSING' } });
});

it('serves a site by the PHP of its platform alone', async () => {
  expect(pools()).toEqual([phpBranch()]);
  await control(OLDER, 'stop');
  expect(await status()).toBe(200);
  // What does not serve it does not hinder it either.
  expect(await runTask(root, 'site.verify', uri)).toMatchObject(done);
  await control(OLDER, 'start');
});

it('moves a site to the other PHP with its platform, and back', async () => {
  expect(await runTask(root, 'site.migrate', uri, { platform: 'older' })).toMatchObject(done);
  expect([pools(), sockets()]).toEqual([[OLDER], [OLDER]]);
  await control(phpBranch(), 'stop');
  expect(await status()).toBe(200);
  await control(phpBranch(), 'start');
  expect(await runTask(root, 'site.back', uri)).toMatchObject(done);
  expect([pools(), sockets()]).toEqual([[phpBranch()], [phpBranch()]]);
  expect(await status()).toBe(200);
});

it('loads the new pool before the vhost, and drops the old one after it', async () => {
  const site = siteContextOf(root.inventory, stack.root, uri);
  const order: string[] = [];
  const act = ((verb: RootVerb, args: never) => {
    if (verb === 'service.control') order.push(basename((args as { service: { pidFile: string } }).service.pidFile));
    return stack.host.act(verb, args);
  }) as typeof stack.host.act;
  const host = { ...stack.host, act };
  const { services } = standardProgram;
  for (const php of [OLDER, phpBranch()]) {
    const moved = onPlatform(site, { ...site.platform, php });
    const change = { write: siteConfig(standardProgram, moved), remove: formerConfig(standardProgram, moved) };
    await publish({ host, services }, moved.server, change, await configBefore(host, change));
    expect(await status()).toBe(200);
  }
  expect(order).toEqual(['fpm-1.pid', 'nginx.pid', 'fpm.pid', 'fpm.pid', 'nginx.pid', 'fpm-1.pid']);
});

it('stays on its PHP where the other one cannot serve it', async () => {
  const page = join(findPlatform(root.inventory, 'older')?.root ?? '', 'wp-includes/template-loader.php');
  const text = readFileSync(page, 'utf8');
  writeFileSync(page, text.replace('<?php', "<?php throw new Error('broken on purpose');"));
  const failed = await runTask(root, 'site.migrate', uri, { platform: 'older' });
  writeFileSync(page, text);
  expect(failed).toMatchObject({ state: 'failed', error: { code: 'SITE_NOT_ANSWERING' }, unfinished: null });
  expect([pools(), sockets()]).toEqual([[phpBranch()], [phpBranch()]]);
  expect(await status()).toBe(200);
});

it('says which PHP is down', async () => {
  await control(OLDER, 'stop');
  const refused = await runTask(root, 'site.migrate', uri, { platform: 'older' });
  expect(refused.error?.message).toContain(`php${OLDER} is stopped`);
  const verified = await runTask(root, 'server.verify', 'server_master');
  expect(verified).toMatchObject({ state: 'succeeded' });
  expect(log(verified.id)).toContain(`php${OLDER} did not run`);
  expect(await runTask(root, 'server.restart', 'server_master', { service: `php${OLDER}` })).toMatchObject(done);
  expect(await status()).toBe(200);
});

it('removes every trace of a site of either PHP', async () => {
  const pool = join(stack.paths.config, 'php', phpBranch(), `site-${handle()}.conf`);
  expect(await runTask(root, 'site.delete', uri, { backup: 'no' })).toMatchObject(done);
  expect(existsSync(pool)).toBe(false);
});
