import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { findSite } from '../../src/db/sites.ts';
import { addClient } from '../../src/worker/clients.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { copyOf, debianTree, givenTrees } from '../support/platforms.ts';
import { runProgram } from '../support/program.ts';
import { done, runTask } from '../support/run-task.ts';
import { type Stack, socketOf } from '../support/stack.ts';

const PASSWORD = `it's "quoted"`;

let stack: Stack;
let root: StackRoot;

onOwnServer((own) => {
  ({ stack, root } = own);
});

const socket = (): string => socketOf(stack);
const sql = (text: string): string =>
  execFileSync('mariadb', ['--socket', socket(), '--batch', '--skip-column-names', '-e', text], { encoding: 'utf8' });
const page = async (uri: string): Promise<string> => (await stack.fetch(`${uri}:${stack.port}`, '/')).body;

/** Where the CMS keeps files of people, one of the tables as the site calls it, and the file that says the version. */
const codes = [
  {
    name: 'wordpress',
    tree: () => debianTree(stack.root, 'wordpress'),
    uploads: 'wp-content/uploads',
    table: 'other_posts',
    version: 'wp-includes/version.php',
  },
  {
    name: 'spip',
    tree: () => debianTree(stack.root, 'spip', 'trixie'),
    uploads: 'IMG',
    table: 'spip_articles',
    version: 'ecrire/inc_version.php',
  },
  ...givenTrees().map((path) => ({
    name: basename(path),
    tree: async () => copyOf(stack.root, path),
    uploads: 'web/sites/default/files',
    table: 'other_node',
    version: 'web/core/lib/Drupal.php',
  })),
];

describe.each(codes)('a site on $name that has an installation of its own', (code) => {
  const { name, uploads } = code;
  const [old, uri] = [`old-${name}.example.test`, `${name}.example.test`];
  const account = `old_${name}`;
  let folder: string;
  let dump: string;
  let tree: string;
  let keys = '';

  beforeAll(async () => {
    tree = await code.tree();
    expect(await runTask(root, 'platform.add', name, { from: `path:${tree}` })).toMatchObject(done);
    const args = { platform: name, title: 'Of old', adminMail: 'a@example.test' };
    expect(await runTask(root, 'site.install', old, args)).toMatchObject(done);
    const site = findSite(root.inventory, old);
    dump = execFileSync('mariadb-dump', ['--socket', socket(), '--databases', site?.databaseName ?? ''], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    }).replace(/^\/\*M!.*\n/, '');
    folder = await code.tree();
    if (name === 'wordpress')
      dump = dump.replaceAll('`wp_', '`other_').replaceAll(/'wp_(user_roles|capabilities)'/g, `'other_$1'`);
    else if (name !== 'spip') dump = dump.replaceAll(/\b(TABLES?|EXISTS|INTO) `/g, '$1 `other_');
    if (name === 'spip') {
      const home = join(stack.paths.sites, site?.handle ?? '', 'releases/1/config/cles.php');
      keys = readFileSync(home, 'utf8');
    }
    // As that of somebody who knows nothing of this program.
    expect(await runTask(root, 'site.delete', old)).toMatchObject(done);
    sql(`CREATE DATABASE ${account}; CREATE USER ${account}@localhost IDENTIFIED BY '${PASSWORD.replaceAll("'", "''")}';
      GRANT ALL ON ${account}.* TO ${account}@localhost`);
    const own = dump.replaceAll(/^(CREATE DATABASE|USE) .*\n/gm, '');
    const more = `CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
      CREATE PROCEDURE nothing() BEGIN END;
      CREATE EVENT later ON SCHEDULE AT '2037-01-01 00:00:00' DO DO twice(1);`;
    const asItself = ['--socket', socket(), `--user=${account}`, `--password=${PASSWORD}`, account];
    execFileSync('mariadb', ['--socket', socket(), account], { input: own });
    execFileSync('mariadb', asItself, { input: more.replace('BEGIN END', 'DO 1') });
    mkdirSync(join(folder, uploads), { recursive: true });
    writeFileSync(join(folder, uploads, 'a, b&c.txt'), 'a picture');
    writeSettings();
    execFileSync('chown', ['-R', '65534:65534', folder]);
  }, 240_000);

  function writeSettings(): void {
    if (name === 'wordpress') {
      writeFileSync(
        join(folder, 'wp-config.php'),
        `<?php
// define('DB_NAME', 'commented');
define( 'DB_NAME', '${account}' ); define("DB_USER", "${account}");
define('DB_PASSWORD', '${PASSWORD.replaceAll("'", "\\'")}'); /* of old */ define('DB_HOST', 'localhost:${socket()}');
$table_prefix = 'other_';
require_once ABSPATH . 'wp-settings.php';
`,
      );
      return;
    }
    if (name !== 'spip') {
      const facts = { driver: 'mysql', database: account, username: account, prefix: 'other_', unix_socket: socket() };
      const words = Object.entries(facts).map(([key, value]) => `'${key}' => '${value}'`);
      writeFileSync(
        join(folder, 'web/sites/default/settings.php'),
        `<?php\n// $databases['default']['default'] = ['database' => 'commented'];
$databases['default']['default'] = [${words.join(', ')}, 'password' => '${PASSWORD.replaceAll("'", "\\'")}'];
$settings['hash_salt'] = 'salty'; $settings['config_sync_directory'] = '../config/sync';
$settings['file_private_path'] = '../private';
$config['mail.key'] = ['key' => 'hidden'];\n`,
      );
      mkdirSync(join(folder, 'private'));
      writeFileSync(join(folder, 'private/secret.txt'), 'a secret');
      writeFileSync(join(folder, 'config/sync/mine.yml'), 'a: b');
      return;
    }
    writeFileSync(
      join(folder, 'config/mes_options.php'),
      `<?php\nif (!defined('_ECRIRE_INC_VERSION')) { return; }\n$GLOBALS['type_urls'] = 'hidden';\ndefine('_NO_CACHE', 0);\n`,
    );
    writeFileSync(
      join(folder, 'config/connect.php'),
      `<?php\nif (!defined("_ECRIRE_INC_VERSION")) return;\nspip_connect_db('localhost:${socket()}','','${account}','${PASSWORD.replaceAll("'", "\\'")}','${account}','mysql', 'spip','','utf8');\n`,
    );
    writeFileSync(join(folder, 'config/cles.php'), keys);
  }

  it('is no platform, and says what to do with it', async () => {
    const refused = await runTask(root, 'platform.add', 'mistaken', { from: `path:${folder}` });
    expect(refused).toMatchObject({ state: 'failed', error: { code: 'CMS_CONFIGURED' } });
    expect(refused.error?.hint).toContain(`--from ${folder}`);
  });

  it('is taken over from its folder: rows, files, address, and it stays as it is itself', async () => {
    const task = await runTask(root, 'site.import', uri, { from: folder, platform: name });
    expect(task).toMatchObject(done);
    expect(await page(uri)).toContain('Of old');
    expect(await page(uri)).not.toContain(old);
    const site = findSite(root.inventory, uri);
    expect(site).toMatchObject({ title: 'Of old', state: 'enabled' });
    const files = join(stack.paths.sites, site?.handle ?? '', 'data/files', name === 'spip' ? 'IMG' : '');
    expect(readFileSync(join(files, 'a, b&c.txt'), 'utf8')).toBe('a picture');
    expect(statSync(join(files, 'a, b&c.txt')).uid).toBe(site?.uid);
    const made = (what: string, schema: string): string[] =>
      sql(`SELECT ${what}_NAME FROM information_schema.${what}S WHERE ${schema} = '${site?.databaseName}' ORDER BY 1`)
        .trim()
        .split('\n');
    expect(made('ROUTINE', 'ROUTINE_SCHEMA')).toEqual(['nothing', 'twice']);
    expect(made('EVENT', 'EVENT_SCHEMA')).toEqual(['later']);
    expect(await runTask(root, 'site.verify', uri)).toMatchObject(done);
    expect(await runTask(root, 'site.login', uri)).toMatchObject(done);
    expect(existsSync(join(folder, uploads, 'a, b&c.txt'))).toBe(true);
    if (!['wordpress', 'spip'].includes(name)) {
      const home = join(stack.paths.sites, site?.handle ?? '');
      expect(readFileSync(join(home, 'data/private/secret.txt'), 'utf8')).toBe('a secret');
      expect(readFileSync(join(home, 'releases/1/config/sync/mine.yml'), 'utf8')).toBe('a: b');
      const log = readFileSync(join(stack.paths.taskLogs, `${task.id}.ndjson`), 'utf8');
      expect(log).toContain("settings.php has further statements, which are left out: $config['mail.key']\"");
      expect(log).not.toContain('hidden');
    }
    if (name === 'spip') {
      const log = readFileSync(join(stack.paths.taskLogs, `${task.id}.ndjson`), 'utf8');
      const lines = `$GLOBALS['type_urls']; define('_NO_CACHE'`;
      expect(log).toContain(`config/mes_options.php has further statements, which are left out: ${lines}`);
      expect(log).not.toContain('hidden');
    }
    // A copy knows its tables too, whatever they are called.
    expect(await runTask(root, 'site.clone', `copy.${uri}`, { source: uri })).toMatchObject(done);
    expect(await page(`copy.${uri}`)).toContain('Of old');
    expect(await runTask(root, 'site.delete', `copy.${uri}`)).toMatchObject(done);
    expect(await runTask(root, 'site.delete', uri)).toMatchObject(done);
  });

  it('is refused before anything is made where its client may not have so much', async () => {
    const archive = join(stack.root, `${name}.tar.gz`);
    const large = join(folder, uploads, 'large');
    execFileSync('truncate', ['--size=3M', large]);
    execFileSync('tar', ['-I', 'gzip -1', '-cf', archive, '-C', folder, '.']);
    addClient(root.queue, `small ${name}`, { maxDiskMb: 3 });
    for (const from of [folder, archive]) {
      const dump = join(stack.root, 'plain.sql');
      writeFileSync(dump, 'SELECT 1;');
      const task = await runTask(root, 'site.import', uri, { from, dump, platform: name, client: `small ${name}` });
      expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'QUOTA_REACHED' } });
      expect(task.error?.message).toMatch(/may use 3 MB and would use \d+ MB/);
      expect(readFileSync(join(stack.paths.taskLogs, `${task.id}.ndjson`), 'utf8')).not.toContain('Unix user');
    }
    rmSync(large);
  });

  it('is taken over from an archive and a dump of anywhere', async () => {
    const archive = join(stack.root, `${name}.tar.gz`);
    const file = join(stack.root, `${name}.sql.gz`);
    execFileSync('tar', ['-I', 'gzip -1', '-cf', archive, '-C', folder, '.']);
    // As MySQL 8 writes it.
    const mysql = `SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '';\n${dump.replaceAll(/COLLATE=utf8mb4_\w+/g, 'COLLATE=utf8mb4_0900_ai_ci')}`;
    writeFileSync(file, gzipSync(mysql));
    expect(await runTask(root, 'site.import', uri, { from: archive, dump: file, platform: name }, 300)).toMatchObject(
      done,
    );
    expect(await page(uri)).toContain('Of old');
    expect(readdirSync(stack.paths.cache).filter((left) => left.startsWith('adopt'))).toEqual([]);
    expect(await runTask(root, 'site.delete', uri)).toMatchObject(done);
  }, 400_000);

  it.runIf(name === 'spip')(
    'that shares the code of its platform is told by it, and taken over under its own name (needs SPIP)',
    async () => {
      for (const site of [uri, 'second.example.test']) {
        const place = join(tree, 'sites', site);
        execFileSync('mkdir', ['-p', join(place, 'config'), join(place, 'IMG')]);
        for (const file of ['connect.php', 'cles.php']) {
          writeFileSync(join(place, 'config', file), readFileSync(join(folder, 'config', file)));
        }
        writeFileSync(join(place, 'IMG/b.txt'), `of ${site}`);
        execFileSync('chown', ['-R', '65534:65534', join(place, 'IMG')]);
      }
      const verified = await runTask(root, 'platform.verify', name);
      expect(verified).toMatchObject(done);
      expect(verified.result.foundSites).toMatchObject([
        { folder: 'sites/second.example.test' },
        { folder: `sites/${uri}` },
      ]);
      const aegir = (...words: string[]): string => runProgram(stack.root, ...words).stdout;
      expect(aegir('task', 'log', String(verified.id))).toContain(`aegir site import ${uri} --platform ${name}`);
      expect(aegir('platform', 'show', name)).toContain(`--from ${tree} --site sites/${uri}`);

      const unsaid = await runTask(root, 'site.import', 'third.example.test', { from: tree, platform: name });
      expect(unsaid).toMatchObject({ state: 'failed', error: { code: 'ADOPT_UNFIT' } });
      expect(unsaid.error?.hint).toContain(`sites/second.example.test, sites/${uri}`);

      expect(await runTask(root, 'site.import', uri, { from: tree, platform: name })).toMatchObject(done);
      expect(await page(uri)).toContain('Of old');
      const home = join(stack.paths.sites, findSite(root.inventory, uri)?.handle ?? '');
      expect(readFileSync(join(home, 'data/files/IMG/b.txt'), 'utf8')).toBe(`of ${uri}`);
      expect(readFileSync(join(tree, 'sites', `${uri}.before-import`, 'IMG/b.txt'), 'utf8')).toBe(`of ${uri}`);
      expect((await runTask(root, 'platform.verify', name)).result.foundSites).toMatchObject([
        { name: 'second.example.test' },
      ]);
      expect(await runTask(root, 'site.verify', uri)).toMatchObject(done);
      expect(await runTask(root, 'site.delete', uri)).toMatchObject(done);

      const chosen = { from: tree, platform: name, site: 'sites/second.example.test' };
      expect(await runTask(root, 'site.import', uri, chosen)).toMatchObject(done);
      const other = join(stack.paths.sites, findSite(root.inventory, uri)?.handle ?? '');
      expect(readFileSync(join(other, 'data/files/IMG/b.txt'), 'utf8')).toBe('of second.example.test');
      expect(existsSync(join(tree, 'sites/second.example.test/IMG/b.txt'))).toBe(true);
      expect(await runTask(root, 'site.delete', uri)).toMatchObject(done);

      const broken = join(tree, 'sites', 'fourth.example.test');
      execFileSync('cp', ['-a', join(tree, 'sites/second.example.test'), broken]);
      writeFileSync(join(stack.root, 'none.sql'), 'CREATE TABLE nothing (a int);\n');
      const failed = await runTask(root, 'site.import', 'fourth.example.test', {
        from: tree,
        platform: name,
        dump: join(stack.root, 'none.sql'),
      });
      expect(failed).toMatchObject({ state: 'failed', unfinished: null });
      expect(readFileSync(join(broken, 'IMG/b.txt'), 'utf8')).toBe('of second.example.test');
      for (const left of readdirSync(join(tree, 'sites'))) rmSync(join(tree, 'sites', left), { recursive: true });
    },
  );

  it('is refused whole when its dump reaches beyond its own database', async () => {
    const file = join(stack.root, 'beyond.sql');
    writeFileSync(file, `${dump}\nINSERT INTO mysql.global_priv VALUES ('%','x','{}');\n`);
    const refused = await runTask(root, 'site.import', uri, { from: folder, dump: file, platform: name });
    expect(refused).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'DUMP_REFUSED' } });
    expect(refused.error?.message).toContain('denied');
    expect(findSite(root.inventory, uri)).toBeUndefined();
    writeFileSync(file, `${dump}\nUSE \`another\`;\n`);
    const both = await runTask(root, 'site.import', uri, { from: folder, dump: file, platform: name });
    expect(both).toMatchObject({ state: 'failed', error: { code: 'DUMP_UNFIT' } });
    writeFileSync(file, Buffer.from([0x50, 0x4b, 3, 4, 0]));
    const zip = await runTask(root, 'site.import', uri, { from: folder, dump: file, platform: name });
    expect(zip).toMatchObject({ state: 'failed', error: { code: 'DUMP_UNFIT' } });
    expect(sql(`SHOW TABLES IN ${account}`)).toContain(code.table);
  });

  it('is refused with the reason before anything is made', async () => {
    const run = async (args: Record<string, unknown>) =>
      (await runTask(root, 'site.import', uri, { platform: name, ...args })).error?.code;
    await expect(run({})).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
    expect(await run({ from: folder, backup: 'x' })).toBe('SOURCE_TWICE');
    expect(await run({ from: '/nowhere/at/all' })).toBe('FILE_MISSING');
    expect(await run({ from: stack.paths.etc })).toBe('ADOPT_UNFIT');
    expect(await run({ from: tree })).toBe('ADOPT_UNFIT');
    // A folder of newer code than that of the platform.
    const version = join(folder, code.version);
    const text = readFileSync(version, 'utf8');
    const newer = text.replace(/(\$wp_version|\$spip_version_branche|const VERSION) = '[^']*'/, "$1 = '99.1'");
    writeFileSync(version, newer);
    expect(await run({ from: folder })).toBe('PLATFORM_OLDER');
    writeFileSync(version, text);
  });
});
