import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../../src/provision/host/host.ts';
import { localHost } from '../../../../src/provision/host/makers/local.ts';
import type { Policy } from '../../../../src/provision/host/policy.ts';
import { type PrivateMariadb, startMariadb } from '../../../support/mariadb.ts';
import { freshNumber, temporaryPolicy } from '../../../support/policy.ts';

let policy: Policy;
let remove: () => void;
let host: Host;
let mariadb: PrivateMariadb;
let socket: string;
let folder: string;
let user: string;
const root = () => createConnection({ socketPath: socket, user: 'root' });

beforeAll(async () => {
  ({ policy, remove } = temporaryPolicy());
  host = localHost(policy);
  user = `aegtest${freshNumber()}`;
  // Everybody must reach the socket, as Debian's /run/mysqld lets them.
  folder = mkdtempSync(join(tmpdir(), 'aegtest-db-'));
  const { chmodSync } = await import('node:fs');
  chmodSync(folder, 0o755);
  mariadb = await startMariadb(folder);
  ({ socket } = mariadb);
  await host.act('user.add', { user, uid: policy.uidBase + 1, home: join(policy.paths.sites, user) });
}, 60_000);
afterAll(async () => {
  await mariadb?.stop();
  await host?.act('user.remove', { user });
  remove?.();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe("a site's database", () => {
  it('is reached by its own Unix user without a password, and by no other', async () => {
    await host.act('db.create', { socket, database: `${user}r1` });
    await host.act('db.account.add', { socket, account: user, database: `${user}r1` });
    const own = await asUser(
      `CREATE TABLE t (name VARCHAR(9)); INSERT INTO t VALUES ('ü'); SELECT * FROM t`,
      `${user}r1`,
    );
    expect(own).toMatchObject({ code: 0, stdout: 'ü\n' });
    await expect(createConnection({ socketPath: socket, user })).rejects.toThrow(/Access denied/);
    expect((await asUser('SELECT 1', '', 'root')).code).not.toBe(0);
  });

  it('that is dropped takes the rights on it along', async () => {
    const database = `${user}r7`;
    await host.act('db.create', { socket, database });
    await host.act('db.grant', { socket, account: user, database });
    await host.act('db.drop', { socket, database });
    const db = await root();
    const [rows] = await db.query('SELECT Db FROM mysql.db WHERE User = ?', [user]);
    await db.end();
    expect(rows).toEqual([{ Db: `${user}r1` }]);
  });

  it('is the only one its account can see, change or grant', async () => {
    const db = await root();
    // One letter where a wildcard would match, and a neighbour.
    await db.query(`CREATE DATABASE ${user}rX`);
    await db.query(`CREATE TABLE ${user}rX.t (a INT)`);
    await db.end();
    for (const sql of [
      `SELECT * FROM ${user}rX.t`,
      'SELECT * FROM mysql.global_priv',
      `CREATE DATABASE ${user}r2`,
      "SELECT LOAD_FILE('/etc/passwd') INTO OUTFILE '/tmp/aegtest-out'",
      `GRANT SELECT ON ${user}r1.* TO 'root'@'localhost'`,
      'SET GLOBAL max_connections = 1',
      `CREATE USER x@localhost`,
    ]) {
      expect((await asUser(sql, `${user}r1`)).code, sql).not.toBe(0);
    }
    expect((await asUser('SHOW DATABASES', '')).stdout).toBe(`${user}r1\ninformation_schema\n`);
  });

  it('is refused when somebody else has made one of its name', async () => {
    await expect(host.act('db.create', { socket, database: `${user}r1` })).rejects.toMatchObject({ code: 'DB_TAKEN' });
    const again = host.act('db.account.add', { socket, account: user, database: `${user}r1` });
    await expect(again).rejects.toMatchObject({ code: 'DB_TAKEN' });
  });

  it('is listed with its account', async () => {
    const listed = await host.act('db.list', { socket, prefix: user });
    expect(listed).toMatchObject({ databases: [`${user}r1`, `${user}rX`], accounts: [user] });
    expect(listed.version).toMatch(/^\d+\.\d+\.\d+-MariaDB/);
    expect((await host.act('db.list', { socket, prefix: 'zzz' })).databases).toEqual([]);
  });

  it('goes although its site holds a transaction open, and its account goes with its connections', async () => {
    const held = host.act('user.run', {
      user,
      file: 'mariadb',
      args: ['-S', socket, '-e', 'BEGIN; SELECT * FROM t; SELECT SLEEP(600)', `${user}r1`],
      cwd: '/',
    });
    const db = await root();
    await expect
      .poll(
        async () =>
          ((await db.query('SELECT id FROM information_schema.processlist WHERE user = ?', [user]))[0] as unknown[])
            .length,
      )
      .toBe(1);
    await db.end();
    expect(await host.act('db.account.remove', { socket, account: user })).toEqual({ dropped: true });
    expect(await host.act('db.drop', { socket, database: `${user}r1` })).toEqual({ dropped: true });
    expect((await held).code).not.toBe(0);
    expect(await host.act('db.account.remove', { socket, account: user })).toEqual({ dropped: false });
    expect(await host.act('db.drop', { socket, database: `${user}r1` })).toEqual({ dropped: false });
  });

  it("is never the system's, nor one of somebody else", async () => {
    for (const database of [
      'mysql',
      'sys',
      'information_schema',
      'shop',
      'aegtest',
      `${policy.handlePrefix}0`,
      'aegtest1`x',
    ]) {
      await expect(host.act('db.drop', { socket, database }), database).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    }
    for (const account of ['root', 'mysql', 'mariadb.sys', "aegtest1'@'%"]) {
      const removal = host.act('db.account.remove', { socket, account });
      await expect(removal, account).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    }
  });

  it('that somebody else holds is not waited for by a cancelled task', async () => {
    await host.act('db.create', { socket, database: `${user}r3` });
    const holder = await root();
    await holder.query(`CREATE TABLE ${user}r3.t (a INT)`);
    await holder.query('BEGIN');
    await holder.query(`SELECT * FROM ${user}r3.t`);
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Error('cancelled')), 300);
    const drop = host.act('db.drop', { socket, database: `${user}r3` }, { signal: cancel.signal });
    await expect(drop).rejects.toThrow('cancelled');
    await holder.end();
    expect(await host.act('db.drop', { socket, database: `${user}r3` })).toEqual({ dropped: true });
  });

  it('that a cancelled task asks for is not waited for', async () => {
    const abort = new AbortController();
    abort.abort(new Error('cancelled'));
    const list = host.act('db.list', { socket, prefix: user }, { signal: abort.signal });
    await expect(list).rejects.toThrow('cancelled');
  });
});

describe('a dump of anywhere', () => {
  const load = async (dump: string): Promise<string> => {
    const database = `${user}r5`;
    await host.act('db.drop', { socket, database });
    await host.act('db.create', { socket, database });
    await host.act('db.account.remove', { socket, account: user });
    await host.act('db.account.add', { socket, account: user, database });
    const file = join(policy.paths.root, 'any.sql');
    writeFileSync(file, dump);
    const lines: string[] = [];
    await host.act(
      'found.dump',
      {
        file,
        into: {
          user,
          file: 'mariadb',
          args: ['--no-defaults', `--socket=${socket}`, `--user=${user}`, '--sandbox', '--batch', database],
          cwd: '/',
          adapt: 'sql',
          longStatements: socket,
        },
      },
      { onLine: (_stream, line) => lines.push(line) },
    );
    return lines.join('\n');
  };
  const ask = async (query: string): Promise<unknown> => {
    const db = await createConnection({ socketPath: socket, user: 'root', database: `${user}r5` });
    const [rows] = await db.query({ sql: query, rowsAsArray: true });
    await db.end();
    return (rows as unknown[][])[0];
  };
  const post =
    'How to move:\n\nCREATE DATABASE demo;\nUSE `demo`;\nSET @@GLOBAL.max_connections = 10;\nDEFINER=`a`@`b` utf8mb4_0900_ai_ci\nIt ends; here.';

  it('comes in with its rows as they are, whatever wrote it', async () => {
    await load(
      `\ufeff/*!40000 DROP DATABASE IF EXISTS \`shop\`*/;\n\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ \`shop\`;\n\nUSE shop\n` +
        `SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '11111111-1111-1111-1111-111111111111:1-7,\n22222222-2222-2222-2222-222222222222:1-9';\n` +
        `CREATE TABLE t (a TEXT);\nINSERT INTO t VALUES ('${post}');\n`,
    );
    expect(await ask('SELECT a FROM t')).toEqual([post]);
  });

  it.each(['root@localhost', '"root"@"localhost"', "'root'@'%'", '`editors`', '`a``b`@`c`'])(
    'comes in with what %s defined, as the own of its site',
    async (definer) => {
      const trigger = `DELIMITER ;;\nCREATE DEFINER=${definer} TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; SET NEW.a = 'b'; END ;;\nDELIMITER ;\n`;
      await load(
        `CREATE TABLE t (a TEXT);\n${trigger}CREATE DEFINER=${definer} SQL SECURITY DEFINER VIEW v AS SELECT 1 AS a;\n`,
      );
      const own = `${user}@localhost`;
      expect(await ask('SELECT definer FROM information_schema.views WHERE table_schema = DATABASE()')).toEqual([own]);
      expect(await ask('SELECT definer FROM information_schema.triggers WHERE trigger_schema = DATABASE()')).toEqual([
        own,
      ]);
    },
  );

  it('keeps words apart that only differ in a space at their end, as MySQL 8 does', async () => {
    const told = await load(
      "CREATE TABLE w (id INT, w VARCHAR(40), UNIQUE KEY w (w)) CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;\nINSERT INTO w VALUES (1,'word'),(2,'word ');\n",
    );
    expect(await ask('SELECT COUNT(*), MAX(w = "WÖRD") FROM w')).toEqual([2, 1]);
    const [known] = (await ask(
      "SELECT COUNT(*) FROM information_schema.collations WHERE collation_name = 'utf8mb4_0900_ai_ci'",
    )) as [number];
    expect(told.includes('takes its place')).toBe(known === 0);
  });

  it('is refused with its line where it reaches beyond the database', async () => {
    const dump = 'USE shop;\n\nSET @@GLOBAL.a=1,\n@@GLOBAL.b=2;\nCREATE TABLE t (a INT);\nCREATE USER somebody;\n';
    await expect(load(dump)).rejects.toMatchObject({
      code: 'DUMP_REFUSED',
      message: expect.stringMatching(/at line 6\b.*CREATE USER/),
    });
  });
});

describe('a MariaDB that is not there', () => {
  it('is named with its socket and what to do', async () => {
    const missing = host.act('db.list', { socket: '/tmp/aegtest-no.sock', prefix: '' });
    await expect(missing).rejects.toMatchObject({ code: 'DB_UNREACHABLE' });
    await expect(missing).rejects.toThrow('/tmp/aegtest-no.sock');
  });
});

const asUser = (sql: string, database: string, account = user) =>
  host.act('user.run', {
    user,
    file: 'mariadb',
    args: ['-S', socket, '-u', account, '-N', '-B', '-e', sql, ...(database ? [database] : [])],
    cwd: '/',
  });
