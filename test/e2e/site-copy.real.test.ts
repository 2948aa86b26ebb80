import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { siteSchedules } from '../../src/db/schedules.ts';
import { findSite } from '../../src/db/sites.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { debianTree } from '../support/platforms.ts';
import { program } from '../support/program.ts';
import { done, runTask } from '../support/run-task.ts';
import { type Stack, socketOf } from '../support/stack.ts';

const uri = 'first.example.test';
const copy = 'copy.example.test';
let stack: Stack;
let root: StackRoot;

const basic = { authorization: `Basic ${Buffer.from('guest:let me in 1').toString('base64')}` };
const ask = (host: string, path = '/', headers: Record<string, string> = basic) =>
  stack.fetch(`${host}:${stack.port}`, path, { headers });
const run = (type: string, object: string, args: Record<string, unknown> = {}) =>
  runTask(root, `site.${type}`, object, args);
const release = (of: string, ...path: string[]): string => {
  const site = findSite(root.inventory, of);
  return join(stack.paths.sites, site?.handle ?? '', 'releases', String(site?.release), ...path);
};

/** Lets each request and program of a site send a mail that says from where, with what a sender adds to sendmail's words. */
function sendMails(of: string): void {
  const lines = `if (isset($_GET['mail']) || PHP_SAPI === 'cli') {
    mail('someone@example.test', 'from ' . PHP_SAPI . (defined('DOING_CRON') ? ' cron' : ''), 'Words.', '', '-fboss@example.test');
  }`;
  writeFileSync(release(of, 'settings/local.settings.php'), `<?php\n${lines}\n`);
}

/** What a widget and an option keep: serialized, with the address and the folder of the site, and serialized once more inside. */
const kept = (of: string): Record<string, unknown> => {
  const address = `http://${of}:${stack.port}`;
  const folder = join(stack.paths.sites, findSite(root.inventory, of)?.handle ?? '', 'data/files');
  return { text: `See ${address}/é?a=1.`, list: [address, { [`${address}/key`]: 7 }], folder, inner: { address } };
};
const php = (code: string, input: string): string => execFileSync('php', ['-r', code], { input, encoding: 'utf8' });
const pack = `$v = json_decode(stream_get_contents(STDIN), true); $v['inner'] = serialize($v['inner']); echo serialize($v);`;
const unpack = `$v = unserialize(stream_get_contents(STDIN)); if (!is_array($v)) { exit(1); }
  $v['inner'] = unserialize($v['inner']); echo json_encode($v);`;
const socket = (): string => socketOf(stack);
/** Asks the database of a site as its own account. */
const sql = (of: string, text: string, database = findSite(root.inventory, of)?.databaseName ?? ''): string => {
  const { handle, uid } = findSite(root.inventory, of) ?? { handle: '', uid: 0 };
  const client = ['mariadb', '--no-defaults', '--socket', socket(), '--user', handle, '--raw', '-N', database];
  return execFileSync('setpriv', [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', ...client], {
    input: text,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  }).trimEnd();
};
const files = (of: string, ...path: string[]): string =>
  join(stack.paths.sites, findSite(root.inventory, of)?.handle ?? '', 'data/files', ...path);

const mails = (of: string): string => {
  const file = release(of, 'tmp/mail.log');
  return existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\r', '') : '';
};

onOwnServer((own) => {
  ({ stack, root } = own);
});

beforeAll(async () => {
  const from = `path:${await debianTree(stack.root, 'wordpress')}`;
  expect(await runTask(root, 'platform.add', 'code', { from })).toMatchObject(done);
  expect(await run('install', uri, { platform: 'code', title: 'First', adminMail: 'a@example.test' })).toMatchObject(
    done,
  );
  expect(await run('set', uri, { authUser: 'guest', authPassword: 'let me in 1' })).toMatchObject(done);
  const packed = php(pack, JSON.stringify(kept(uri)))
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "''");
  sql(uri, `REPLACE INTO wp_options (option_name, option_value) VALUES ('theme_words', '${packed}')`);
  sql(uri, `INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES (1, 'block', '${packed}')`);
  mkdirSync(files(uri, '2026'));
  writeFileSync(files(uri, '2026/picture.txt'), 'a picture');
  expect(await run('verify', uri)).toMatchObject(done);
  expect(await run('clone', copy, { source: uri })).toMatchObject(done);
}, 240_000);

it('a copy is a site of its own: the address also inside serialized content, files, keys, database and user', async () => {
  const where = [
    `SELECT option_value FROM wp_options WHERE option_name = 'theme_words'`,
    `SELECT meta_value FROM wp_postmeta WHERE meta_key = 'block'`,
  ];
  for (const of of [copy, uri]) {
    for (const text of where) expect(JSON.parse(php(unpack, sql(of, text)))).toEqual(kept(of));
  }
  expect(sql(copy, `SELECT option_value FROM wp_options WHERE option_name = 'siteurl'`)).toContain(`//${copy}:`);
  const [from, to] = [findSite(root.inventory, uri), findSite(root.inventory, copy)];
  expect(readFileSync(files(copy, '2026/picture.txt'), 'utf8')).toBe('a picture');
  expect(statSync(files(copy, '2026/picture.txt')).uid).toBe(to?.uid);
  writeFileSync(files(copy, '2026/picture.txt'), 'another');
  expect(readFileSync(files(uri, '2026/picture.txt'), 'utf8')).toBe('a picture');
  const keys = [uri, copy].map((of) =>
    [...readFileSync(release(of, 'settings/salts.php'), 'utf8').matchAll(/define\('(\w+)', '([^']{60,})'\)/g)].map(
      ([, name, value]) => ({ name, value }),
    ),
  );
  expect(keys[1]?.map(({ name }) => name)).toEqual(keys[0]?.map(({ name }) => name));
  expect(new Set(keys.flat().map(({ value }) => value)).size).toBe(16);
  for (const key of ['handle', 'uid', 'databaseName'] as const) expect(to?.[key]).not.toBe(from?.[key]);
  expect(() => sql(copy, 'SELECT 1', from?.databaseName)).toThrow(/denied/);
});

it('a copy of a site with a password asks for the same one', async () => {
  expect((await ask(copy, '/', {})).status).toBe(401);
  const headers = expect.objectContaining({ 'x-robots-tag': 'noindex, nofollow' });
  expect(await ask(copy)).toMatchObject({ status: 200, body: expect.stringContaining('First'), headers });
  expect((await ask(uri)).headers['x-robots-tag']).toBeUndefined();
  const site = findSite(root.inventory, copy);
  expect(siteSchedules(root.inventory, site?.id ?? 0).map(({ taskType }) => taskType)).not.toContain('site.cron');
});

it('a copy sends no mail: not from pages, not from cron, not by hand; it is kept in a file of the site', async () => {
  sendMails(copy);
  expect((await ask(copy, '/?mail')).status).toBe(200);
  expect(mails(copy)).toContain('To: someone@example.test\nSubject: from fpm-fcgi');
  expect(await run('cron', copy)).toMatchObject(done);
  expect(mails(copy)).toContain('Subject: from cli cron');
  const php = `var_dump(mail('someone@example.test', 'by hand', 'Words.'));`;
  const words = [program, '--root', stack.root, 'site', 'exec', copy, '--', 'php', '-r', php];
  expect(spawnSync(process.execPath, words, { encoding: 'utf8' })).toMatchObject({ stdout: 'bool(true)\n' });
  expect(mails(copy)).toContain('Subject: by hand');
  const shown = spawnSync(process.execPath, [program, '--root', stack.root, 'site', 'show', copy], {
    encoding: 'utf8',
  });
  expect(shown.stdout).toContain(`off: written to ${release(copy, 'tmp/mail.log')}`);
});

it('sends mail again when that is set, and the first site was never kept from it', async () => {
  sendMails(uri);
  await ask(uri, '/?mail');
  expect(mails(uri)).toBe('');
  expect(await run('set', copy, { mail: 'on' })).toMatchObject(done);
  const before = mails(copy);
  await ask(copy, '/?mail');
  expect(await run('cron', copy)).toMatchObject(done);
  expect(mails(copy)).toBe(before);
  expect(await run('set', copy, { mail: 'off' })).toMatchObject(done);
  await ask(copy, '/?mail');
  expect(mails(copy).length).toBeGreaterThan(before.length);
});

it('a copy sends mail from the beginning when that is asked for', async () => {
  const other = 'other.example.test';
  expect(await run('clone', other, { source: uri, mail: 'on' })).toMatchObject(done);
  expect(findSite(root.inventory, other)?.web).toMatchObject({ mail: 'on', auth: { user: 'guest' } });
});
