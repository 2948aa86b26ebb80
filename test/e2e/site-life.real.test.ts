import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { siteDetail } from '../../src/cli/shapes.ts';
import { listBackups } from '../../src/db/backups.ts';
import { findPlatform } from '../../src/db/platforms.ts';
import { findSite } from '../../src/db/sites.ts';
import { queueTask } from '../../src/worker/queue.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { copyOf, debianTree, givenTrees } from '../support/platforms.ts';
import { runProgram } from '../support/program.ts';
import { done, runTask } from '../support/run-task.ts';
import { type Stack, socketOf } from '../support/stack.ts';

let stack: Stack;
let root: StackRoot;

onOwnServer((own) => {
  ({ stack, root } = own);
});

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found);
/**
 * `puts` is PHP by which the CMS itself puts a text into a new folder of its files, and says its path below the docroot.
 * `secrets` are those that nobody else may know, of a release and its database. `due` makes it time for its cron, and
 * `ran` is the question whose answer is another once that has run.
 */
const codes: {
  name: string;
  tree(): Promise<string>;
  puts: string;
  secrets(release: string, sql: (text: string) => string): string[];
  due(release: string, sql: (text: string) => string): void;
  ran: string;
}[] = [
  {
    name: 'wordpress',
    tree: () => debianTree(stack.root, 'wordpress'),
    puts: `require 'wp-load.php'; $made = wp_upload_bits('put.txt', null, 'a text', '2031/07');
      echo parse_url($made['url'], PHP_URL_PATH);`,
    secrets: (release) => matches(readFileSync(join(release, 'settings/salts.php'), 'utf8'), /, '([^']{60,})'\)/g),
    due: () => {},
    ran: `SELECT md5(option_value) FROM wp_options WHERE option_name = 'cron'`,
  },
  {
    name: 'spip',
    tree: () => debianTree(stack.root, 'spip', 'trixie'),
    puts: `chdir('ecrire'); define('_ESPACE_PRIVE', true); $_GET['exec'] = 'install';
      require '../vendor/autoload.php'; require 'inc_version.php'; include_spip('inc/flock');
      $file = sous_repertoire(sous_repertoire(_DIR_IMG, 'txt'), 'deep') . 'put.txt';
      ecrire_fichier($file, 'a text'); echo preg_replace('~^(\\.\\./)+~', '/', $file);`,
    secrets: (release, sql) => [
      ...matches(readFileSync(join(release, 'config/cles.php'), 'utf8'), /"secret_du_site":"([^"]+)"/g),
      sql(`SELECT valeur FROM spip_meta WHERE nom = 'secret_du_site'`),
    ],
    due(release, sql) {
      sql(`UPDATE spip_jobs SET date = '2001-01-01 00:00:00'`);
      rmSync(join(release, 'tmp/job_queue_next.txt'), { force: true });
    },
    ran: `SELECT count(*) > 0 FROM spip_jobs WHERE date < '2002-01-01'`,
  },
  ...givenTrees().map((path) => ({
    name: basename(path),
    tree: async () => copyOf(stack.root, path),
    puts: `if (is_dir('web')) { chdir('web'); } $autoloader = require 'autoload.php';
      $_SERVER['HTTP_HOST'] = getenv('AEGIR_SITE'); $_SERVER['SCRIPT_NAME'] = '/index.php';
      $request = Symfony\\Component\\HttpFoundation\\Request::createFromGlobals();
      $kernel = Drupal\\Core\\DrupalKernel::createFromRequest($request, $autoloader, 'prod');
      $kernel->boot(); $kernel->preHandle($request);
      $files = Drupal::service('file_system'); $folder = 'public://2031-07/deep'; $files->prepareDirectory($folder, 1);
      $file = $files->saveData('a text', "$folder/put.txt"); echo Drupal::service('file_url_generator')->generateString($file);`,
    secrets: (release: string, sql: (text: string) => string) => [
      ...matches(readFileSync(join(release, 'settings/salt.php'), 'utf8'), /'([^']{60,})'/g),
      ...['private_key', 'cron_key'].map((key) =>
        sql(`SELECT value FROM key_value WHERE collection = 'state' AND name = 'system.${key}'`),
      ),
    ],
    due: (_release: string, sql: (text: string) => string) =>
      void sql(`REPLACE INTO key_value VALUES ('state', 'system.cron_last', 'i:1;')`),
    ran: `SELECT value FROM key_value WHERE collection = 'state' AND name = 'system.cron_last'`,
  })),
];

const aegir = (...words: string[]) => runProgram(stack.root, ...words);

describe.each(codes)('a site on $name from day to day', ({ name, tree, puts, secrets, due, ran }) => {
  const slug = name.replaceAll(/[^a-z0-9]/g, '');
  const uri = `${slug}.example.test`;
  const ask = (host: string, path = '/', headers: Record<string, string> = {}) =>
    stack.fetch(`${host}:${stack.port}`, path, { headers });
  /** PHP looks at a file of settings again after two seconds (opcache.revalidate_freq). */
  const shown = (host: string) =>
    expect.poll(async () => (await ask(host)).status, { timeout: 4000, interval: 200 }).toBeLessThan(400);
  const release = (of: string, ...path: string[]): string => {
    const site = findSite(root.inventory, of);
    return join(stack.paths.sites, site?.handle ?? '', 'releases', String(site?.release), ...path);
  };
  const sqlOf = (of: string) => {
    const socket = socketOf(stack);
    const words = ['--socket', socket, '-N', findSite(root.inventory, of)?.databaseName ?? '', '-e'];
    return (text: string): string => execFileSync('mariadb', [...words, text], { encoding: 'utf8' });
  };

  beforeAll(async () => {
    expect(await runTask(root, 'platform.add', name, { from: `path:${await tree()}` })).toMatchObject(done);
    const args = { platform: name, title: 'Daily', adminMail: 'a@example.test' };
    expect(await runTask(root, 'site.install', uri, args)).toMatchObject(done);
  });

  it('is disabled: a page of its own with 503, no login, and verify leaves it so; then it is enabled', async () => {
    expect(await runTask(root, 'site.disable', uri)).toMatchObject(done);
    const page = await ask(uri, '/anything.css');
    expect(page.status).toBe(503);
    expect(page.body).toContain(`<h1>${uri}</h1>`);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['retry-after']).toBe('600');
    expect(() => queueTask(root.queue, { type: 'site.login', object: uri, args: {} })).toThrow(/is disabled/);
    expect(await runTask(root, 'site.verify', uri)).toMatchObject(done);
    expect(findSite(root.inventory, uri)?.state).toBe('disabled');
    expect(await runTask(root, 'site.enable', uri)).toMatchObject(done);
    expect(findSite(root.inventory, uri)?.state).toBe('enabled');
    expect((await ask(uri)).status).toBe(200);
    expect(await runTask(root, 'site.disable', uri, { status: '404' })).toMatchObject(done);
    expect((await ask(uri)).status).toBe(404);
    expect(await runTask(root, 'site.enable', uri)).toMatchObject(done);
  });

  it('is saved, brought back, copied and deleted while it is disabled, and stays so', async () => {
    const copy = `copy-${slug}.example.test`;
    const file = (of: string): string =>
      join(stack.paths.sites, findSite(root.inventory, of)?.handle ?? '', 'data/files/left.txt');
    writeFileSync(file(uri), 'saved');
    expect(await runTask(root, 'site.disable', uri)).toMatchObject(done);
    expect(await runTask(root, 'site.backup', uri, { keep: 1 })).toMatchObject(done);
    const [first] = listBackups(root.inventory, uri);
    writeFileSync(file(uri), 'changed');
    expect(await runTask(root, 'site.restore', uri, { backup: first?.name })).toMatchObject(done);
    expect(readFileSync(file(uri), 'utf8')).toBe('saved');
    expect(findSite(root.inventory, uri)).toMatchObject({ state: 'disabled', web: { serving: 'disabled' } });
    expect((await ask(uri)).status).toBe(503);
    // The copy is a site of its own, which is there to be looked at.
    expect(await runTask(root, 'site.clone', copy, { source: uri })).toMatchObject(done);
    expect(findSite(root.inventory, copy)?.state).toBe('enabled');
    expect((await ask(copy)).body).toContain('Daily');
    expect((await ask(uri)).status).toBe(503);
    // Of those that are made with --keep 1 there is one; that of the restore is not counted.
    expect(await runTask(root, 'site.backup', uri, { keep: 1 })).toMatchObject(done);
    const kinds = listBackups(root.inventory, uri).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['rotating', 'safety']);
    expect(listBackups(root.inventory, uri).map(({ name: one }) => one)).not.toContain(first?.name);
    expect(await runTask(root, 'site.disable', copy)).toMatchObject(done);
    writeFileSync(join(stack.paths.etc, 'config.json'), '{"sites": {"backupBeforeDelete": "always"}}');
    expect(await runTask(root, 'site.delete', copy)).toMatchObject(done);
    rmSync(join(stack.paths.etc, 'config.json'));
    expect(listBackups(root.inventory, copy)).toMatchObject([{ description: 'made before the site was deleted' }]);
    expect((await ask(copy)).status).toBe(0);
    expect(await runTask(root, 'site.enable', uri)).toMatchObject(done);
    expect((await ask(uri)).body).toContain('Daily');
  });

  it('has copies with secrets of their own and with its people’s lines: of itself, and of its backup', async () => {
    const copy = `copy-${slug}.example.test`;
    const secretsOf = (of: string): string[] => secrets(release(of), sqlOf(of));
    const own = 'settings/local.settings.php';
    appendFileSync(release(uri, own), `header('X-Own-Line: yes');\n`);
    await expect.poll(async () => (await ask(uri)).headers['x-own-line'], { timeout: 4000 }).toBe('yes');
    expect(await runTask(root, 'site.backup', uri)).toMatchObject(done);
    const [backup] = listBackups(root.inventory, uri);
    const words = ['site', 'restore', uri, '--backup', backup?.name ?? '', '--as', copy, '--wait', '--json'];
    for (const make of [
      async () => expect(await runTask(root, 'site.clone', copy, { source: uri })).toMatchObject(done),
      () => expect(aegir(...words)).toMatchObject({ status: 0, stderr: '' }),
    ]) {
      await make();
      const page = await ask(copy);
      expect(page.body).toContain('Daily');
      expect(page.body).not.toContain(`//${uri}`);
      expect(page.headers['x-own-line']).toBe('yes');
      expect(await runTask(root, 'site.verify', copy)).toMatchObject(done);
      expect(await runTask(root, 'site.login', copy)).toMatchObject(done);
      const [theirs, ours] = [secretsOf(uri), secretsOf(copy)];
      expect(theirs.length).toBeGreaterThan(1);
      expect(ours).toHaveLength(theirs.length);
      expect(new Set([...theirs, ...ours]).size).toBe(2 * theirs.length);
      expect(await runTask(root, 'site.delete', copy)).toMatchObject(done);
    }
    writeFileSync(release(uri, own), '<?php\n');
  });

  it('is locked: no task changes it until it is unlocked', async () => {
    expect(await runTask(root, 'site.lock', uri, { reason: 'audit' })).toMatchObject(done);
    for (const type of ['site.verify', 'site.set', 'site.delete', 'site.disable'])
      expect(() => queueTask(root.queue, { type, object: uri, args: {} })).toThrow(/is locked: audit/);
    expect(await runTask(root, 'site.unlock', uri)).toMatchObject(done);
    expect(await runTask(root, 'site.verify', uri)).toMatchObject(done);
  });

  it('answers to its aliases, wildcards too, until they are removed', async () => {
    const names = `www.${uri} *.${slug}.test`;
    expect((await ask(`www.${uri}`)).status).toBe(0);
    expect(await runTask(root, 'site.alias', uri, { add: names })).toMatchObject(done);
    for (const host of [`www.${uri}`, `a.${slug}.test`]) await shown(host);
    expect(await runTask(root, 'site.alias', uri, { remove: `*.${slug}.test` })).toMatchObject(done);
    expect((await ask(`a.${slug}.test`)).status).toBe(0);
    expect(findSite(root.inventory, uri)?.aliases).toEqual([`www.${uri}`]);
  });

  it('lets all names lead to the one that was chosen', async () => {
    expect(await runTask(root, 'site.redirect', uri, { to: uri })).toMatchObject(done);
    const answer = await ask(`www.${uri}`, '/some/page?x=1');
    expect(answer).toMatchObject({ status: 301 });
    expect(answer.headers.location).toBe(`http://${uri}:${stack.port}/some/page?x=1`);
    expect((await ask(uri)).status).toBe(200);
    const wrong = await runTask(root, 'site.redirect', uri, { to: 'other.example.test' });
    expect(wrong).toMatchObject({ state: 'failed', error: { code: 'ALIAS_UNKNOWN' } });
    expect(await runTask(root, 'site.redirect', uri)).toMatchObject(done);
    await shown(`www.${uri}`);
  });

  it('asks visitors for a password and is left out by search engines when it is set so', async () => {
    const args = { authUser: 'guest', authPassword: 'let me in 1', noindex: 'yes', memoryMb: 300 };
    expect(await runTask(root, 'site.set', uri, args)).toMatchObject(done);
    expect((await ask(uri)).status).toBe(401);
    const basic = (words: string) => ({ authorization: `Basic ${Buffer.from(words).toString('base64')}` });
    expect((await ask(uri, '/', basic('guest:wrong one'))).status).toBe(401);
    const page = await ask(uri, '/', basic('guest:let me in 1'));
    expect(page.status).toBe(200);
    expect(page.headers['x-robots-tag']).toBe('noindex, nofollow');
    expect(findSite(root.inventory, uri)?.php.memoryMb).toBe(300);
    expect(await runTask(root, 'site.set', uri, { authUser: 'none', noindex: 'no' })).toMatchObject(done);
    expect((await ask(uri)).status).toBe(200);
    expect(findSite(root.inventory, uri)?.php.memoryMb).toBe(300);
  });

  it('runs its cron as its own user and not for a visitor, and keeps how long it took', async () => {
    await ask(uri);
    due(release(uri), sqlOf(uri));
    const before = sqlOf(uri)(ran);
    for (let visit = 0; visit < 3; visit += 1) await ask(uri, `/?${visit}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(sqlOf(uri)(ran)).toBe(before);
    const task = await runTask(root, 'site.cron', uri);
    expect(task).toMatchObject(done);
    expect(task.result.seconds).toBeGreaterThan(0);
    expect(sqlOf(uri)(ran)).not.toBe(before);
    const site = findSite(root.inventory, uri);
    const detail = site && siteDetail(root.queue, site, { task, backup: undefined });
    expect(detail?.lastCron).toMatchObject({ task: task.id, state: 'succeeded', durationMs: expect.any(Number) });
  });

  it('is updated behind a page that asks for patience, and keeps its content', async () => {
    const task = await runTask(root, 'site.update', uri);
    expect(task).toMatchObject(done);
    expect(task.result.update).toBeDefined();
    expect((await ask(uri)).body).toContain('Daily');
  });

  it('is renamed: the old name leads to the new one, and its content follows', async () => {
    const to = `new-${slug}.example.test`;
    expect(await runTask(root, 'site.rename', uri, { to, redirect: true })).toMatchObject(done);
    expect((await ask(uri, '/x')).headers.location).toBe(`http://${to}:${stack.port}/x`);
    const page = await ask(to);
    expect(page.status).toBe(200);
    expect(page.body).toContain('Daily');
    expect(page.body).not.toContain(`//${uri}`);
    expect(await runTask(root, 'site.verify', to)).toMatchObject(done);
    expect(await runTask(root, 'site.rename', to, { to: uri })).toMatchObject(done);
    expect((await ask(uri)).status).toBe(200);
    expect((await ask(to)).status).toBe(0);
    expect(findSite(root.inventory, uri)?.aliases).toEqual([`www.${uri}`]);
  });

  it('shows with --check what would change and changes nothing; verify mends it (pain 11: owners and modes)', async () => {
    const { handle, uid } = findSite(root.inventory, uri) ?? { handle: '', uid: 0 };
    const files = join(stack.paths.sites, handle, 'data/files');
    const upload = join(files, 'by-hand');
    mkdirSync(upload, { mode: 0o700 });
    writeFileSync(join(upload, 'a.txt'), 'put here by root', { mode: 0o600 });
    symlinkSync('/etc/passwd', join(upload, 'link'));
    writeFileSync(join(stack.root, 'elsewhere'), 'not of the site');
    linkSync(join(stack.root, 'elsewhere'), join(upload, 'second-name'));
    chmodSync(files, 0o777);
    const check = await runTask(root, 'site.verify', uri, { check: true });
    expect(check).toMatchObject(done);
    expect(check.result.differences).toHaveLength(2);
    expect(statSync(files).mode & 0o777).toBe(0o777);
    expect(statSync(join(upload, 'a.txt')).uid).toBe(0);
    expect(await runTask(root, 'site.verify', uri)).toMatchObject(done);
    expect(statSync(files).mode & 0o7777).toBe(0o2750);
    expect(statSync(join(upload, 'a.txt'))).toMatchObject({ uid });
    expect(statSync(join(upload, 'a.txt')).mode & 0o777).toBe(0o640);
    expect(statSync(upload)).toMatchObject({ uid });
    // What a link or a second name leads to is not touched.
    expect(statSync('/etc/passwd').uid).toBe(0);
    expect(statSync(join(stack.root, 'elsewhere')).uid).toBe(0);
    expect((await runTask(root, 'site.verify', uri, { check: true })).result.differences).toEqual([]);
    rmSync(upload, { recursive: true });
  });

  it('is as large as its files and its database together', async () => {
    const size = () => findSite(root.inventory, uri)?.diskBytes ?? 0;
    expect(await runTask(root, 'site.verify', uri)).toMatchObject(done);
    const before = size();
    sqlOf(uri)(`CREATE TABLE large (words LONGTEXT) SELECT repeat('x', 4000000) AS words; ANALYZE TABLE large`);
    const { handle } = findSite(root.inventory, uri) ?? { handle: '' };
    const file = join(stack.paths.sites, handle, 'data/files/large.txt');
    writeFileSync(file, 'x'.repeat(1_000_000));
    expect(await runTask(root, 'site.verify', uri)).toMatchObject(done);
    expect(size() - before).toBeGreaterThan(5_000_000);
    expect(size() - before).toBeLessThan(9_000_000);
    sqlOf(uri)('DROP TABLE large');
    rmSync(file);
  });

  it('shows what its CMS puts into a new folder of its files, and a verify has nothing to mend there', async () => {
    // As PHP has it that works for visitors.
    const { stdout, stderr } = aegir('site', 'exec', uri, '--', 'php', '-r', `umask(022); ${puts}`);
    expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^\/.*\/put\.txt$/), stderr: '' });
    expect(await ask(uri, stdout)).toMatchObject({ status: 200, body: 'a text' });
    expect((await runTask(root, 'site.verify', uri, { check: true })).result.differences).toEqual([]);
  });

  it('its platform takes no new sites while it is locked', async () => {
    expect(await runTask(root, 'platform.lock', name, { reason: 'old' })).toMatchObject(done);
    const args = { platform: name, adminMail: 'a@example.test' };
    expect(() => queueTask(root.queue, { type: 'site.install', object: `n.${uri}`, args })).toThrow(/is locked: old/);
    expect(await runTask(root, 'site.verify', uri)).toMatchObject(done);
    expect(await runTask(root, 'platform.unlock', name)).toMatchObject(done);
    expect(findPlatform(root.inventory, name)?.lockReason).toBeNull();
  });
});

it('a name is used once only over all sites', () => {
  const add = 'spip.example.test';
  expect(() => queueTask(root.queue, { type: 'site.alias', object: 'wordpress.example.test', args: { add } })).toThrow(
    /spip.example.test is another site/,
  );
});
