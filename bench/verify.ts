import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientId } from '../src/db/clients.ts';
import { transact } from '../src/db/inventory.ts';
import { findSite, insertSite, updateSite } from '../src/db/sites.ts';
import { siteConfig } from '../src/provision/engines/site-config.ts';
import { type SiteContext, sitePaths } from '../src/provision/model/context.ts';
import { configBefore, publish } from '../src/provision/services/publish.ts';
import { standardProgram } from '../src/provision/standard.ts';
import type { TaskContexts } from '../src/provision/tasks/model/task.ts';
import { siteFolders } from '../src/provision/tasks/steps/folders.ts';
import { contextOf } from '../src/worker/contexts.ts';
import { openStackRoot } from '../test/support/inventory.ts';
import { debianTree } from '../test/support/platforms.ts';
import { runTask } from '../test/support/run-task.ts';
import { startStack } from '../test/support/stack.ts';
import { median, ms, printFigure, printHeadings } from './figures.ts';

const SITES = Number(process.env.AEGIR_BENCH_SITES ?? 1000);
/** How many single verifies are measured; the total is extrapolated. */
const SINGLE = 10;

if (process.getuid?.() !== 0) {
  process.stdout.write('verify: skipped, it needs root (to create Unix users).\n');
  process.exit(0);
}
const stack = await startStack();
const root = openStackRoot(stack);
try {
  const from = `path:${await debianTree(stack.root, 'wordpress')}`;
  await must(runTask(root, 'platform.add', 'code', { from }));
  const sites: SiteContext[] = [];
  for (let number = 1; number <= SITES; number += 1) sites.push(await makeSite(number));
  // Everything has changed, as after an update of the program.
  const began = performance.now();
  await must(runTask(root, 'server.verify', 'server_master'));
  const whole = performance.now() - began;
  const single: number[] = [];
  for (const site of sites.slice(0, SINGLE)) single.push(await publishAlone(site));
  const peer = median(single) * SITES;
  printHeadings();
  printFigure(
    `server verify, ${SITES} sites, one reload`,
    ms(whole),
    `${ms(peer)} (each separately)`,
    (peer / whole).toFixed(0),
    '≥ 20 times faster',
  );
  process.stdout.write(
    `  a single site takes ${ms(median(single))} (median of ${SINGLE}); the peer is that times ${SITES}\n`,
  );
} finally {
  root.inventory.close();
  await stack.stop();
}

/** Creates user, folders and row of a site, without a CMS, which is not needed here. */
async function makeSite(number: number): Promise<SiteContext> {
  const uri = `site${number}.example.test`;
  const { handlePrefix, uidBase } = stack.server;
  transact(root.inventory, () => {
    insertSite(root.inventory, {
      ...{
        uri,
        platform: 'code',
        clientId: clientId(root.inventory, 'admin') ?? 0,
        title: uri,
        profile: 'default',
        language: 'en',
        adminName: 'admin',
      },
      ...{ adminMail: 'a@example.test', php: {}, databaseDriver: 'mariadb', handlePrefix, uidBase },
    });
    updateSite(root.inventory, uri, { state: 'enabled' });
  });
  const { site } = contextOf(root.inventory, stack.root, 'site', uri) as TaskContexts['site'];
  await stack.host.act('user.add', {
    user: site.handle,
    uid: findSite(root.inventory, uri)?.uid ?? 0,
    home: sitePaths(site).home,
  });
  for (const folder of siteFolders(standardProgram, site)) await stack.host.act('folder.make', folder);
  return site;
}

/** Publishes a change of one site's pool and vhost: test, reload, and the wait for it. Returns milliseconds. */
async function publishAlone(site: SiteContext): Promise<number> {
  const file = join(stack.paths.config, `nginx/site-${site.handle}.conf`);
  writeFileSync(file, `${readFileSync(file, 'utf8')}# changed\n`);
  const pool = siteConfig(standardProgram, site).find(
    ({ path }) => path.includes('/php/') || path.includes('fpm'),
  )?.path;
  if (pool) writeFileSync(pool, `${readFileSync(pool, 'utf8')}; changed\n`);
  const change = { write: siteConfig(standardProgram, site), remove: [] };
  const began = performance.now();
  await publish(
    { host: stack.host, services: standardProgram.services },
    stack.server,
    change,
    await configBefore(stack.host, change),
  );
  return performance.now() - began;
}

async function must(task: ReturnType<typeof runTask>): Promise<void> {
  const { state, error } = await task;
  if (state !== 'succeeded') throw new Error(error?.message);
}
