import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { siteUrl } from '../../src/cli/shapes.ts';
import { findSite } from '../../src/db/sites.ts';
import { findTask } from '../../src/db/tasks.ts';
import { recoverLater } from '../../src/worker/queue.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { copyOf, debianTree, givenTrees } from '../support/platforms.ts';
import { done, runTask } from '../support/run-task.ts';
import { type Stack, socketOf } from '../support/stack.ts';

let stack: Stack;
let root: StackRoot;

onOwnServer((own) => {
  ({ stack, root } = own);
});

const codes = [
  { name: 'wordpress', tree: () => debianTree(stack.root, 'wordpress') },
  { name: 'spip', tree: () => debianTree(stack.root, 'spip', 'trixie') },
  ...givenTrees().map((path) => ({ name: basename(path), tree: async () => copyOf(stack.root, path) })),
];
/** A page of somebody who has logged in. */
const insides: Record<string, string> = { wordpress: '/wp-admin/', spip: '/ecrire/' };

describe.each(codes)('a site on $name with several names', ({ name, tree }) => {
  const uri = `${name}.example.test`;
  const www = `www.${uri}`;
  const old = `old.${uri}`;
  const shop = `shop.${uri}`;
  const address = (host: string) => `http://${host}:${stack.port}`;
  const ask = (host: string, path = '/', headers: Record<string, string> = {}) =>
    stack.fetch(`${host}:${stack.port}`, path, { headers });
  const run = (type: string, args: Record<string, unknown> = {}, object = uri) =>
    runTask(root, `site.${type}`, object, args);
  const site = (of = uri) => {
    const row = findSite(root.inventory, of);
    if (!row) throw new Error(`no site ${of}`);
    return row;
  };
  const sql = (text: string): void => {
    const socket = socketOf(stack);
    execFileSync('mariadb', ['--socket', socket, '-e', text]);
  };
  /** Where the names of now lead: 'itself', or the name in the answer. */
  const leads = async (...hosts: string[]): Promise<Record<string, string>> =>
    Object.fromEntries(
      await Promise.all(
        hosts.map(async (host) => {
          const { status, headers } = await ask(host, '/?x=1');
          return [
            host,
            status === 301 ? new URL(String(headers.location)).hostname : status === 200 ? 'itself' : status,
          ];
        }),
      ),
    );
  /** Breaks the page that visitors get, and mends it. */
  const breaks = (broken: boolean): void => {
    const settings = join(stack.paths.sites, site().handle, `releases/${site().release}/settings/local.settings.php`);
    const dies = "if (PHP_SAPI !== 'cli') { http_response_code(500); exit('dead on purpose'); }";
    writeFileSync(settings, `<?php\n${broken ? dies : ''}\n`);
  };

  beforeAll(async () => {
    expect(await runTask(root, 'platform.add', name, { from: `path:${await tree()}` })).toMatchObject(done);
    const args = { platform: name, title: 'Named', adminMail: 'a@example.test', adminName: 'boss' };
    expect(await run('install', { ...args, adminPassword: 'long enough 1' })).toMatchObject(done);
    expect(await run('alias', { add: `${www} ${old} ${shop}` })).toMatchObject(done);
  }, 240_000);

  it('takes no name that a vhost of somebody else serves, which is named with its file', async () => {
    const file = join(stack.paths.run, 'nginx-own/other.conf');
    const taken = `taken.${uri}`;
    writeFileSync(file, `server { listen 127.0.0.1:${stack.port}; server_name ${taken}; return 204; }\n`);
    const refused = { state: 'failed', error: { code: 'NAME_SERVED', message: expect.stringContaining(file) } };
    expect(await run('alias', { add: taken })).toMatchObject(refused);
    expect(await run('rename', { to: taken })).toMatchObject(refused);
    expect(await run('clone', { source: uri }, taken)).toMatchObject(refused);
    expect((await ask(taken)).status).not.toBe(200);
    expect(await leads(uri)).toEqual({ [uri]: 'itself' });
    rmSync(file);
  });

  it('calls itself by the alias that all names lead to: pages, links, login, lists', async () => {
    expect(await run('redirect', { to: www })).toMatchObject(done);
    expect(await leads(uri, www, old, shop)).toEqual({ [uri]: www, [www]: 'itself', [old]: www, [shop]: www });
    const { body } = await ask(www);
    expect(body).toContain('Named');
    expect(body).not.toContain(`//${uri}`);
    if (name === 'wordpress') expect(body).toContain(`//${www}`);
    expect(siteUrl(root.queue, site())).toBe(address(www));
    const task = await run('login');
    expect(String(task.result.url)).toMatch(new RegExp(`^${address(www)}/`));
    const link = new URL(String(task.result.url));
    const answer = await ask(link.hostname, `${link.pathname}${link.search}`);
    expect(answer.status).toBe(302);
    expect(new URL(String(answer.headers.location), address(www)).hostname).toBe(www);
    const cookie = (answer.headers['set-cookie'] ?? []).map((text) => text.split(';')[0]).join('; ');
    const admin = await ask(www, insides[name] ?? '/admin/content', { cookie });
    expect(admin.status).toBe(200);
    expect(admin.body).not.toContain(`//${uri}`);
    expect(await run('verify')).toMatchObject(done);
  });

  if (name === 'wordpress') {
    it('takes a login by its form there', async () => {
      const page = await ask(www, '/wp-login.php');
      const action = /<form[^>]*action="([^"]+)"/.exec(page.body)?.[1] ?? '';
      expect(new URL(action).hostname).toBe(www);
      const answer = await stack.fetch(`${www}:${stack.port}`, '/wp-login.php', {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          cookie: 'wordpress_test_cookie=WP%20Cookie%20check',
        },
        body: `log=boss&pwd=${encodeURIComponent('long enough 1')}&testcookie=1`,
      });
      expect(answer.status).toBe(302);
      expect(answer.headers.location).toBe(`${address(www)}/wp-admin/`);
    });
  }

  it('is copied and saved under that address', async () => {
    const copy = `copy-${name}.example.test`;
    expect(await run('clone', { source: uri }, copy)).toMatchObject(done);
    const page = await ask(copy);
    expect(page.status).toBe(200);
    for (const other of [uri, www]) expect(page.body).not.toContain(`//${other}`);
    expect(await run('delete', {}, copy)).toMatchObject(done);
  });

  it('is found broken though its names lead elsewhere or ask for a password', async () => {
    breaks(true);
    expect(await run('verify')).toMatchObject({ state: 'failed', error: { code: 'SITE_DAMAGED' } });
    breaks(false);
    expect(await run('verify')).toMatchObject(done);
    expect(await run('set', { authUser: 'guest', authPassword: 'let me in 1' })).toMatchObject(done);
    expect((await ask(www)).status).toBe(401);
    expect(await run('verify')).toMatchObject(done);
    breaks(true);
    const task = await run('verify');
    expect(task).toMatchObject({ state: 'failed', error: { code: 'SITE_DAMAGED' } });
    expect(task.error?.message).toContain('500');
    breaks(false);
    expect(await run('verify')).toMatchObject(done);
    expect(await run('set', { authUser: 'none' })).toMatchObject(done);
  });

  it('lets some names lead to it and shows itself under the others', async () => {
    const wrong = await run('redirect', { only: old });
    expect(wrong).toMatchObject({ state: 'failed', error: { code: 'ARGUMENT_INVALID' } });
    expect(await run('redirect', { to: uri, only: `x.${uri}` })).toMatchObject({ error: { code: 'ALIAS_UNKNOWN' } });
    expect(await run('redirect', { to: uri, only: old })).toMatchObject(done);
    expect(await leads(uri, old, shop)).toEqual({ [uri]: 'itself', [old]: uri, [shop]: 'itself' });
    expect((await ask(uri)).body).not.toContain(`//${www}`);
    expect(await run('verify')).toMatchObject(done);
  });

  it('lets the old name alone lead to the new one after a rename', async () => {
    const to = `new-${uri}`;
    expect(await run('redirect', { to: '' })).toMatchObject(done);
    expect(await run('rename', { to, redirect: true })).toMatchObject(done);
    expect(await leads(uri, shop, old, to)).toEqual({ [uri]: to, [shop]: 'itself', [old]: 'itself', [to]: 'itself' });
    expect(siteUrl(root.queue, site(to))).toBe(address(to));
    expect((await ask(to)).body).not.toMatch(new RegExp(`//${uri}`));
    // Once more: both old names lead to the newest.
    expect(await run('rename', { to: `2-${uri}`, redirect: true }, to)).toMatchObject(done);
    expect(await leads(uri, shop, to)).toEqual({ [uri]: `2-${uri}`, [shop]: 'itself', [to]: `2-${uri}` });
    expect(await run('rename', { to: uri }, `2-${uri}`)).toMatchObject(done);
    expect(await run('alias', { remove: to })).toMatchObject(done);
    expect(site()).toMatchObject({ aliases: [old, shop, www], web: { redirect: '', redirected: null } });
  });

  it('says when its database does not tell its content, and lets it follow once it does', async () => {
    const to = `told-${uri}`;
    const { databaseName, handle } = site();
    const table = `${databaseName}.${name === 'wordpress' ? 'wp' : name}_broken`;
    // Its parts are not there: it is listed, and cannot be described.
    sql(`CREATE TABLE ${table} (id INT PRIMARY KEY, text TEXT) ENGINE=MERGE UNION=(${databaseName}.not_there)`);
    const renamed = await run('rename', { to });
    expect(renamed).toMatchObject({ state: 'warning', unfinished: expect.stringContaining('the database reports') });
    sql(`DROP TABLE ${table}`);
    recoverLater(root.queue, renamed.id);
    const worker = startWorker(root.deps);
    await vi.waitUntil(() => findTask(root.inventory, renamed.id)?.unfinished === null, { timeout: 60_000 });
    await worker.drain();
    expect((await ask(to)).body).not.toContain(`//${uri}`);
    expect(site(to).handle).toBe(handle);
    expect(await run('rename', { to: uri }, to)).toMatchObject(done);
  });

  it('forgets the name that others led to when it is taken away', async () => {
    expect(await run('redirect', { to: www })).toMatchObject(done);
    expect(await run('alias', { remove: www })).toMatchObject(done);
    expect(await leads(uri, old)).toEqual({ [uri]: 'itself', [old]: 'itself' });
    expect((await ask(uri)).body).not.toContain(`//${www}`);
    expect(siteUrl(root.queue, site())).toBe(address(uri));
  });
});
