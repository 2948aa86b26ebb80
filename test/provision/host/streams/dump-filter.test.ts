import { describe, expect, it } from 'vitest';
import { type DumpOptions, dumpFilter } from '../../../../src/provision/host/streams/dump-filter.ts';

/** What comes of a dump that arrives in pieces of so many bytes. */
async function filtered(dump: string | Buffer, options: DumpOptions = {}, piece = 1 << 16): Promise<string> {
  const filter = dumpFilter(options);
  const bytes = Buffer.from(dump as string);
  for (let at = 0; at < bytes.length; at += piece) filter.write(bytes.subarray(at, at + piece));
  filter.end();
  const parts: Buffer[] = [];
  for await (const part of filter) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('latin1');
}
const pieces = [1, 2, 3, 7, 31, 32, 33, 64, 1 << 16];
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

describe('rows', () => {
  it.each([
    "INSERT INTO `t` VALUES\n('DEFINER=`root`@`localhost` utf8mb4_0900_ai_ci'),\n(2);\n",
    "REPLACE INTO t VALUES ('a\nUSE `one`;\nCREATE DATABASE demo;\nSET @@GLOBAL.max_connections = 10;\nb');\n",
    "INSERT INTO t VALUES ('it\\'s; \\\\', 'a''; b', \"c\\\"; USE `x`;\", `d;``e`);\n",
    "INSERT INTO t VALUES ('-- no comment', '# none', '/* none', '*/', '\\\\');\nSELECT 1;\n",
    "insert into t values (1 /* ' */, 2); -- it's\nINSERT INTO t VALUES (3); # it's\nSELECT 4;\n",
    '/*!40000 ALTER TABLE `t` DISABLE KEYS */;\nINSERT IGNORE INTO t VALUES (1);\n',
    "DELIMITER $$\nINSERT INTO t VALUES ('a;b')$$\nDELIMITER ;\n",
    "INSERT INTO t VALUES (x'00ff', 0xAB, 'ünï – 漢字', _binary 'a\0b\x1a');\n",
    'INSERT INTO t VALUES (1)',
    '',
  ])('pass byte for byte: %j', async (dump) => {
    for (const piece of pieces) expect(await filtered(dump, {}, piece)).toBe(latin1(dump));
  });

  it('pass where a backslash is a character like others', async () => {
    const dump = "SET SQL_MODE='NO_BACKSLASH_ESCAPES';\nINSERT INTO t VALUES ('C:\\');\nUSE `x`;\nSELECT 1;\n";
    for (const piece of pieces) expect(await filtered(dump, {}, piece)).toBe(dump.replace('USE `x`;', ''));
  });
});

describe('what is left out', () => {
  it.each([
    ['USE `shop`;'],
    ['use shop'],
    ['USE "shop";'],
    ['CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;'],
    ['CREATE SCHEMA shop;'],
    ['CREATE OR REPLACE DATABASE shop;'],
    ['/*!40000 DROP DATABASE IF EXISTS `shop`*/;'],
    ['DROP SCHEMA IF EXISTS shop;'],
    ["SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '11111111-1111-1111-1111-111111111111:1-7,\n2222:1-900';"],
    ['SET GLOBAL max_connections = 10;'],
    ['/*!50000 SET GLOBAL\n a = 1 */;'],
    ['SET @@SESSION.SQL_LOG_BIN= 0;'],
    ['SET sql_log_bin = 0;'],
    ['SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;'],
  ])('%s', async (statement) => {
    const lines = '\n'.repeat(statement.split('\n').length - 1);
    for (const piece of pieces) {
      const text = await filtered(`SELECT 1;\n${statement}\nSELECT 2;\n`, {}, piece);
      // Lines keep their numbers.
      expect(text.replaceAll(/\n+/g, '\n')).toBe('SELECT 1;\nSELECT 2;\n');
      expect(text.split('\n')).toHaveLength(4 + lines.length);
    }
  });

  it('is never what a session sets for itself', async () => {
    const dump =
      "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\nSET NAMES utf8mb4;\nSET @@SESSION.sql_mode='ANSI';\n";
    expect(await filtered(dump)).toBe(dump);
  });

  it('is never a database that is only dropped, which the server refuses', async () => {
    expect(await filtered('DROP DATABASE mysql;\n')).toBe('DROP DATABASE mysql;\n');
  });

  it('is a byte order mark', async () => {
    for (const piece of pieces) expect(await filtered('\ufeffSELECT 1;\n', {}, piece)).toBe('SELECT 1;\n');
  });

  it('is not what stands in the body of a routine', async () => {
    const body = "CREATE PROCEDURE p() BEGIN\n -- it's;\n SET GLOBAL a = 1;\nUSE `b`;\nEND ;;\n";
    const dump = `DELIMITER ;;\n${body}DELIMITER ;\n`;
    for (const piece of pieces) expect(await filtered(dump, {}, piece)).toBe(dump);
  });
});

describe('a definer', () => {
  const accounts = [
    '`root`@`localhost`',
    'root@localhost',
    'root@127.0.0.1',
    '"root"@"localhost"',
    "'root'@'%'",
    "'a''b'@`c``d`",
    '`editors`',
    'editors',
    'CURRENT_USER',
    'CURRENT_USER()',
  ];

  it.each(accounts)('%s becomes the account that loads it', async (account) => {
    const made = [
      `CREATE DEFINER=${account} SQL SECURITY DEFINER VIEW v AS SELECT 1 AS a;`,
      `CREATE ALGORITHM=MERGE DEFINER = ${account} VIEW v AS SELECT 1 AS a;`,
      `CREATE OR REPLACE DEFINER=${account} FUNCTION f() RETURNS INT RETURN 1;`,
      `/*!50003 CREATE*/ /*!50017 DEFINER=${account}*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET @a = 1 */;`,
      `/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=${account} SQL SECURITY DEFINER */\n/*!50001 VIEW v AS SELECT 1 */;`,
      `/*!50106 CREATE*/ /*!50117 DEFINER=${account}*/ /*!50106 EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = 1 */;`,
    ];
    for (const statement of made) {
      const text = await filtered(`${statement}\n`);
      expect(text.replaceAll(/\s+/g, ' ')).toBe(
        latin1(`${statement}\n`)
          .replace(/DEFINER ?= ?/, '')
          .replace(account, '')
          .replaceAll(/\s+/g, ' '),
      );
    }
  });

  it('stays in a text, a comment and a body', async () => {
    const dump =
      "CREATE TABLE t (a INT COMMENT 'DEFINER=`a`@`b`', definer INT);\nCREATE VIEW v AS SELECT definer = 1 FROM t;\n";
    expect(await filtered(dump)).toBe(dump);
  });
});

describe('a collation that the server lacks', () => {
  const old = [
    'utf8mb4_general_ci',
    'utf8mb4_bin',
    'utf8mb4_nopad_bin',
    'utf8mb4_unicode_520_ci',
    'utf8mb4_unicode_520_nopad_ci',
  ];
  const new10 = [...old, 'utf8mb4_uca1400_nopad_ai_ci', 'utf8mb4_uca1400_german2_nopad_ai_ci'];
  it.each([
    ['utf8mb4_0900_ai_ci', new10, 'utf8mb4_uca1400_nopad_ai_ci'],
    ['utf8mb4_de_pb_0900_ai_ci', new10, 'utf8mb4_uca1400_german2_nopad_ai_ci'],
    ['utf8mb4_0900_ai_ci', old, 'utf8mb4_unicode_520_nopad_ci'],
    ['utf8mb4_0900_as_cs', old, 'utf8mb4_nopad_bin'],
    ['utf8mb4_0900_bin', old, 'utf8mb4_nopad_bin'],
    ['utf8mb4_uca1400_ai_ci', old, 'utf8mb4_unicode_520_ci'],
    ['uca1400_ai_ci', old, 'utf8mb4_unicode_520_ci'],
    ['utf8mb4_general_ci', old, 'utf8mb4_general_ci'],
    ['utf8mb4_0900_ai_ci', [...old, 'utf8mb4_0900_ai_ci'], 'utf8mb4_0900_ai_ci'],
  ])('%s becomes the nearest, which is noted once', async (name, collations, nearest) => {
    const table = (collation: string): string =>
      `CREATE TABLE t (a TEXT COLLATE ${collation} COMMENT '${name}') COLLATE=${collation};\n/*!50003 SET collation_connection = ${collation} */;\n`;
    const notes: string[] = [];
    expect(await filtered(table(name), { collations, note: (text) => notes.push(text) })).toBe(table(nearest));
    expect(notes).toEqual(name === nearest ? [] : [`this server has no collation ${name}; ${nearest} takes its place`]);
  });

  it('is found in quotes too', async () => {
    const dump = "CREATE TABLE t (a TEXT) COLLATE='utf8mb4_0900_ai_ci';\n";
    expect(await filtered(dump, { collations: old })).toBe(
      'CREATE TABLE t (a TEXT) COLLATE=utf8mb4_unicode_520_nopad_ci;\n',
    );
  });
});

it('the database of a dump has no name of its own around triggers', async () => {
  const dump = 'ALTER DATABASE `shop` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;\n';
  expect(await filtered(dump)).toBe('ALTER DATABASE  CHARACTER SET latin1 COLLATE latin1_swedish_ci ;\n');
});

it('a dump of several databases is refused, with their names', async () => {
  const dump = 'USE `shop`;\nSELECT 1;\nUSE `shop`;\nuse other\n';
  await expect(filtered(dump)).rejects.toMatchObject({
    code: 'DUMP_UNFIT',
    message: expect.stringContaining('shop and other'),
  });
});
