import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findSite, listSites } from '../../src/db/sites.ts';
import { findTask } from '../../src/db/tasks.ts';
import { siteAlias } from '../../src/provision/tasks/site-alias.ts';
import { siteDisable } from '../../src/provision/tasks/site-enable.ts';
import { siteRename } from '../../src/provision/tasks/site-rename.ts';
import { siteSet } from '../../src/provision/tasks/site-set.ts';
import { siteUpdate } from '../../src/provision/tasks/site-update.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { openStackRoot, type StackRoot } from '../support/inventory.ts';
import { moments, recover, runUntilKilled } from '../support/kill-worker.ts';
import { copyOf, debianTree } from '../support/platforms.ts';
import { runTask } from '../support/run-task.ts';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;
let root: StackRoot;
let tree: string;
let home: string;
const uri = 'crash.example.test';
const other = 'other.example.test';

beforeAll(async () => {
  stack = await startStack();
  root = openStackRoot(stack);
  tree = await debianTree(stack.root, 'wordpress');
  await runTask(root, 'platform.add', 'code', { from: `path:${tree}` });
  const args = { platform: 'code', title: 'Crash', adminMail: 'a@example.test' };
  expect(await runTask(root, 'site.install', uri, args)).toMatchObject({ error: null });
  home = join(stack.paths.sites, findSite(root.inventory, uri)?.handle ?? '');
});

afterAll(async () => {
  root?.inventory.close();
  await stack?.stop();
});

const status = async (host: string): Promise<number> => (await stack.fetch(`${host}:${stack.port}`, '/')).status;
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Asks the database of the site, by whatever name the site goes. */
async function sql(query: string): Promise<Record<string, string>[]> {
  const database = stack.server.services.find((service) => service.kind === 'db');
  const name = listSites(root.inventory).find((site) => site.handle === basename(home))?.databaseName ?? '';
  const db = await createConnection({ socketPath: String(database?.settings.socket), user: 'root', database: name });
  try {
    return (await db.query(query))[0] as Record<string, string>[];
  } finally {
    await db.end();
  }
}

/** Kills the worker at a moment of a task and starts another; says whether the task went forward. */
async function crash(moment: string, type: string, args: Record<string, unknown> = {}): Promise<boolean> {
  const id = queueTask(root.queue, { type, object: uri, args });
  await runUntilKilled(root, moment);
  await recover(root);
  const task = findTask(root.inventory, id);
  expect(task?.unfinished).toBeNull();
  if (task?.state === 'succeeded') return true;
  expect(task).toMatchObject({ state: 'failed', error: { code: 'INTERRUPTED' } });
  return false;
}

/** Steps that change nothing, or nothing of this site, so that there is no moment within them. */
const onlyLook = new Set(['apply:probe', 'apply:password', 'commit:record']);

describe('kill -9 of the worker: the site is as before or as it was meant to be', () => {
  it.each(moments(siteDisable, onlyLook))('disable, %s', async (moment) => {
    const forward = await crash(moment, 'site.disable');
    expect(await status(uri)).toBe(forward ? 503 : 200);
    expect(findSite(root.inventory, uri)?.state).toBe(forward ? 'disabled' : 'enabled');
    if (forward) await runTask(root, 'site.enable', uri);
  });

  it.each(moments(siteAlias, onlyLook))('alias, %s', async (moment) => {
    const forward = await crash(moment, 'site.alias', { add: other });
    expect((await status(other)) === 0).toBe(!forward);
    expect(findSite(root.inventory, uri)?.aliases).toEqual(forward ? [other] : []);
    if (forward) await runTask(root, 'site.alias', uri, { remove: other });
  });

  it.each(moments(siteSet, onlyLook))('set, %s', async (moment) => {
    const forward = await crash(moment, 'site.set', { authUser: 'guest', authPassword: 'let me in 1', cron: 60 });
    expect(await status(uri)).toBe(forward ? 401 : 200);
    if (forward) await runTask(root, 'site.set', uri, { authUser: 'none' });
    expect(await status(uri)).toBe(200);
  });

  it.each(moments(siteRename, onlyLook))('rename (pain 8: aliases and names are lost), %s', async (moment) => {
    await sql(`UPDATE wp_posts SET post_content = 'see http://${uri}:${stack.port}/page' WHERE ID = 1`);
    const forward = await crash(moment, 'site.rename', { to: other });
    const [now, gone] = forward ? [other, uri] : [uri, other];
    expect(await status(now)).toBe(200);
    expect(await status(gone)).toBe(0);
    expect(isThere(join(stack.paths.byName, now))).toBe(true);
    expect(isThere(join(stack.paths.byName, gone))).toBe(false);
    expect(findSite(root.inventory, gone)).toBeUndefined();
    const vhost = readFileSync(join(stack.paths.config, `nginx/site-${basename(home)}.conf`), 'utf8');
    expect(vhost).toContain(`server_name ${now};`);
    expect(vhost).not.toContain(gone);
    const [post] = await sql('SELECT post_content AS text FROM wp_posts WHERE ID = 1');
    expect(post?.text).toBe(`see http://${now}:${stack.port}/page`);
    if (forward) await runTask(root, 'site.rename', other, { to: uri });
  });

  describe('update (pain 6: a failed one does not restore the site)', () => {
    const OLD = '49752';
    const dbVersion = async () =>
      await sql(`SELECT option_value AS v FROM wp_options WHERE option_name = 'db_version'`);
    afterEach(() => expect(existsSync(join(stack.paths.backups, `.snapshot-${basename(home)}.zst`))).toBe(false));

    it.each(moments(siteUpdate, onlyLook))('%s', async (moment) => {
      await sql(`UPDATE wp_options SET option_value = '${OLD}' WHERE option_name = 'db_version'`);
      const forward = await crash(moment, 'site.update');
      const [found] = await dbVersion();
      expect(found?.v === OLD).toBe(!forward);
      const page = await stack.fetch(`${uri}:${stack.port}`, '/');
      expect(page.body).toContain('<title>Crash');
    });
  });
});

it('an update that fails half-way leaves database, caches and visitors as they were', async () => {
  const copy = copyOf(stack.root, tree);
  const args = { platform: 'dying', title: 'Update', adminMail: 'a@example.test' };
  const name = 'dying.example.test';
  await runTask(root, 'platform.add', 'dying', { from: `path:${copy}` });
  expect(await runTask(root, 'site.install', name, args)).toMatchObject({ error: null });
  const upgrade = join(copy, 'wp-admin/includes/upgrade.php');
  const dies = `function wp_upgrade() {
    update_option('blogname', 'Half-way'); $GLOBALS['wpdb']->query('CREATE TABLE wp_new (id INT PRIMARY KEY)');
    throw new Error('dead half-way'); }
  function wp_upgrade_as_it_was() {`;
  writeFileSync(upgrade, readFileSync(upgrade, 'utf8').replace('function wp_upgrade() {', dies));
  const task = await runTask(root, 'site.update', name);
  expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'PROGRAM_FAILED' } });
  expect(task.error?.message).toContain('dead half-way');
  home = join(stack.paths.sites, findSite(root.inventory, name)?.handle ?? '');
  expect(await sql("SHOW TABLES LIKE 'wp_new'")).toEqual([]);
  expect((await stack.fetch(`${name}:${stack.port}`, '/')).body).toContain('<title>Update');
  expect(await runTask(root, 'site.verify', name)).toMatchObject({ state: 'succeeded' });
  rmSync(copy, { recursive: true });
});
