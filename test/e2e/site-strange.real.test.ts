import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { findSite } from '../../src/db/sites.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { debianTree } from '../support/platforms.ts';
import { done, runTask } from '../support/run-task.ts';
import { type Stack, socketOf } from '../support/stack.ts';

const uri = 'strange.example.test';
let stack: Stack;
let root: StackRoot;

const run = (type: string, args: Record<string, unknown> = {}, object = uri) =>
  runTask(root, `site.${type}`, object, args);
const siteOf = (object: string) => {
  const site = findSite(root.inventory, object);
  if (!site) throw new Error(`no site ${object}`);
  return site;
};
/** As the site's user and its account. */
function asSite(object: string, words: string[], input = ''): string {
  const { uid } = siteOf(object);
  const files = join(stack.paths.sites, siteOf(object).handle, 'data/files');
  const ids = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--'];
  const options = { input, cwd: files, maxBuffer: 1e9 } as const;
  return execFileSync('setpriv', [...ids, ...words], options)
    .toString('latin1')
    .trim();
}
function sql(text: string, object = uri): string {
  const { handle, databaseName } = siteOf(object);
  const socket = socketOf(stack);
  const login = ['--no-defaults', `--socket=${socket}`, `--user=${handle}`, '--default-character-set=utf8mb4'];
  return asSite(object, ['mariadb', ...login, '--batch', '-N', databaseName], text);
}

/** Tables as no CMS makes them, but plugins and people do. */
const strangeTables = `
CREATE TABLE \`we'ird\`\`n–ame; --\` (\`co"l\\umn\` VARCHAR(40) DEFAULT 'it''s') COMMENT 'DEFINER=\`a\`@\`b\`';
INSERT INTO \`we'ird\`\`n–ame; --\` VALUES ('a\\nb\\0c'), (DEFAULT);
CREATE TABLE latin (t VARCHAR(20) CHARACTER SET latin1, g VARCHAR(20) COLLATE utf8mb4_bin) DEFAULT CHARSET latin2;
INSERT INTO latin VALUES ('é€', '😀');
CREATE TABLE made (n INT, d INT AS (n * 2) STORED, v INT AS (n * 3) VIRTUAL, CHECK (n < 100));
INSERT INTO made (n) VALUES (7);
CREATE TABLE parts (n INT PRIMARY KEY) PARTITION BY HASH (n) PARTITIONS 3;
INSERT INTO parts VALUES (1), (2), (3);
CREATE TABLE words (t TEXT) ENGINE=MyISAM;
INSERT INTO words VALUES ('DEFINER=\`root\`@\`localhost\`'), ('utf8mb4_0900_ai_ci and utf8mb4_uca1400_ai_ci'), ('USE \`mysql\`;\\nSET @@GLOBAL.x = 1;');
INSERT INTO words VALUES ('How to move:

CREATE DATABASE demo;
USE \`demo\`;
SET @@GLOBAL.max_connections = 10;
CREATE DEFINER=\`me\`@\`localhost\` VIEW v AS SELECT 1;
It ends.');
CREATE TABLE history (n INT PRIMARY KEY, t VARCHAR(20)) WITH SYSTEM VERSIONING;
INSERT INTO history VALUES (1, 'first');
UPDATE history SET t = 'second';
CREATE TABLE odd (n INT, i INT INVISIBLE DEFAULT 3, t TEXT COMPRESSED);
INSERT INTO odd (n, t) VALUES (1, 'x');
CREATE TABLE bits (b BIT(8), g GEOMETRY, j JSON, z DATETIME, y YEAR, f DOUBLE);
SET sql_mode = '';
INSERT INTO bits VALUES (b'10100101', POINT(1, 2), '{"a": [1]}', '0000-00-00', 1999, 1e-300);
SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
CREATE TABLE zero (n INT AUTO_INCREMENT PRIMARY KEY);
INSERT INTO zero VALUES (0), (5);
CREATE SEQUENCE counted START 5;
SELECT NEXTVAL(counted);
CREATE TABLE parent (n INT PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE child (n INT, FOREIGN KEY (n) REFERENCES parent (n)) ENGINE=InnoDB;
INSERT INTO parent VALUES (1);
INSERT INTO child VALUES (1);
CREATE VIEW later_view AS SELECT n FROM made;
CREATE VIEW a_view AS SELECT * FROM later_view;
CREATE TABLE large (b LONGBLOB, c LONGBLOB, d LONGBLOB, e LONGBLOB, f LONGBLOB, g LONGBLOB);
INSERT INTO large (b) VALUES ('');
${'UPDATE large SET b = CONCAT(b, REPEAT(UNHEX("00ff275c"), 1000000));'.repeat(3)}
UPDATE large SET c = b, d = b, e = b, f = b, g = b;
`;
const names = ["`we'ird``n–ame; --`", 'latin', 'made', 'parts', 'words', 'bits', 'zero', 'parent', 'child', 'large'];
const sums = (object = uri): string =>
  sql(
    `CHECKSUM TABLE ${names.join(', ')}; SELECT * FROM a_view; SELECT * FROM words; SELECT n, t, row_start, row_end FROM history FOR SYSTEM_TIME ALL; SELECT n, i, t FROM odd; SELECT hex(t), hex(g) FROM latin; SELECT NEXTVAL(counted) > 5; SELECT length(b), md5(b) FROM large`,
    object,
  ).replaceAll(siteOf(object).databaseName, 'db');

/** Files as people and plugins leave them; none of them is for visitors. */
const strangeFiles = `
umask 027
mkdir -p 'deep/
line' "$(printf 'bad\\377name')" empty shut && printf x > 'deep/
line/file
name' && printf x > -- '--checkpoint-action=exec=sh' && printf x > 'back\\slash "quoted"' && printf x > "$(printf 'bad\\377name')/$(printf '\\351')"
printf x > "$(printf '%0250d' 1)" && truncate -s 50M sparse && printf end >> sparse
printf x > one && ln one two && cp /bin/true suid && chmod 4750 suid && mkfifo pipe
ln -s /etc/passwd out && ln -s nowhere dangling && ln -s . loop
perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("socket"))'
printf x > shut/file && chmod 500 shut && touch -d 2037-01-01 one
d=d; for i in 1 2 3 4 5 6 7 8 9; do d="$d/$(printf '%0200d' $i)"; done; mkdir -p "$d" && printf x > "$d/end"
`;
const listing = (object = uri): string => {
  const facts = "find . -mindepth 1 ! -type s -printf '%P %y %m %n %l %s\\n' | LC_ALL=C sort";
  const sums = 'find . -type f -readable -exec md5sum {} + | LC_ALL=C sort';
  // A program that would run as the site for whoever starts it is not carried as one.
  return asSite(object, ['sh', '-c', `${facts}; ${sums}`]).replace('suid f 4750', 'suid f 750');
};

onOwnServer((own) => {
  ({ stack, root } = own);
});

beforeAll(async () => {
  for (const name of ['one', 'two']) {
    const from = `path:${await debianTree(stack.root, 'wordpress')}`;
    expect(await runTask(root, 'platform.add', name, { from })).toMatchObject(done);
  }
  expect(await run('install', { platform: 'one', title: 'Strange', adminMail: 'a@example.test' })).toMatchObject(done);
}, 240_000);

it('a site with strange tables and files is whole after all that copies it', async () => {
  sql(strangeTables);
  asSite(uri, ['sh', '-c', strangeFiles]);
  const whole = { rows: sums(), files: listing() };
  const found = (object = uri) => ({ rows: sums(object), files: listing(object) });
  expect(await run('backup')).toMatchObject(done);
  const backup = listBackups(root.inventory, uri)[0]?.name;
  expect(await run('clone', { source: uri }, 'Copy.Example.Test.')).toMatchObject(done);
  expect(found('copy.example.test')).toEqual(whole);
  expect(await run('import', { backup, platform: 'two' }, 'imported.example.test')).toMatchObject(done);
  expect(found('imported.example.test')).toEqual(whole);
  expect(await run('migrate', { platform: 'two' })).toMatchObject(done);
  expect(found()).toEqual(whole);
  expect(await run('restore', { backup })).toMatchObject(done);
  expect(found()).toEqual(whole);
  expect(await run('update')).toMatchObject(done);
  const limit = '@@GLOBAL.max_allowed_packet';
  expect(sql(`SELECT ${limit} < 1024 * 1024 * 1024`)).toBe('1');
  for (const object of ['copy.example.test', 'imported.example.test', uri])
    expect(await run('delete', {}, object)).toMatchObject(done);
}, 400_000);
