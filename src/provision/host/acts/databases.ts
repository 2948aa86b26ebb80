import type { Connection, RowDataPacket } from 'mysql2/promise';
import { z } from 'zod';
import { AegirError } from '../../model/errors.ts';
import { type Policy, refuse } from '../policy.ts';
import { defineAct } from './act.ts';
import { withRoot } from './mariadb.ts';

const socket = z.string().startsWith('/');
/** No underscore and no percent sign: both are wildcards in GRANT, and would open another site's database. */
const name = z.string().regex(/^[a-z][a-z0-9]{2,31}$/);

/** The privileges a CMS needs on its own database: nothing outside of it, and no right to grant. */
const PRIVILEGES =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE TEMPORARY TABLES, LOCK TABLES, ' +
  'CREATE VIEW, SHOW VIEW, TRIGGER, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, EVENT';
/** Most connections of one account at once: its PHP processes, its cron and a few people. */
const MAX_CONNECTIONS = 100;

export const dbCreate = defineAct('db.create', {
  args: z.strictObject({ socket, database: name }),
  describe: ({ database }) => `create database ${database}`,
  async run({ socket, database }, policy, live) {
    checkSiteName(policy, database);
    await withRoot(socket, live, (db) => db.query(`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4`));
  },
});

export const dbDrop = defineAct('db.drop', {
  args: z.strictObject({ socket, database: name }),
  describe: ({ database }) => `drop database ${database}`,
  async run({ socket, database }, policy, live) {
    checkSiteName(policy, database);
    return withRoot(socket, live, async (db) => {
      const there = await names(
        db,
        'SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name = ?',
        database,
      );
      await revokeAll(db, database);
      if (there.length === 0) return { dropped: false };
      // An open transaction on one of its tables would block the drop.
      await endConnections(db, 'db', database);
      await db.query(`DROP DATABASE IF EXISTS \`${database}\``);
      return { dropped: true };
    });
  },
});

export const dbAccountAdd = defineAct('db.account.add', {
  args: z.strictObject({ socket, account: name, database: name }),
  describe: ({ account, database }) => `create account ${account}, which logs in by unix_socket, for ${database}`,
  async run({ socket, account, database }, policy, live) {
    checkSiteName(policy, account);
    checkSiteName(policy, database);
    await withRoot(socket, live, async (db) => {
      const login = `IDENTIFIED VIA unix_socket WITH MAX_USER_CONNECTIONS ${MAX_CONNECTIONS}`;
      await db.query(`CREATE USER '${account}'@'localhost' ${login}`);
      try {
        await db.query(`GRANT ${PRIVILEGES} ON \`${database}\`.* TO '${account}'@'localhost'`);
      } catch (error) {
        await db.query(`DROP USER '${account}'@'localhost'`);
        throw error;
      }
    });
  },
});

export const dbGrant = defineAct('db.grant', {
  args: z.strictObject({ socket, account: name, database: name }),
  describe: ({ account, database }) => `grant ${account} the database ${database}`,
  async run({ socket, account, database }, policy, live) {
    checkSiteName(policy, account);
    checkSiteName(policy, database);
    // A site may be granted only its own databases: the name of its account, or that name with a release number.
    if (!new RegExp(`^${account}(r[1-9][0-9]*)?$`).test(database))
      refuse(`${database} is not a database of ${account}`);
    await withRoot(socket, live, (db) =>
      db.query(`GRANT ${PRIVILEGES} ON \`${database}\`.* TO '${account}'@'localhost'`),
    );
  },
});

export const dbAccountRemove = defineAct('db.account.remove', {
  args: z.strictObject({ socket, account: name }),
  describe: ({ account }) => `end the connections of account ${account} and drop it`,
  async run({ socket, account }, policy, live) {
    checkSiteName(policy, account);
    return withRoot(socket, live, async (db) => {
      const there = await names(db, 'SELECT User AS name FROM mysql.user WHERE User = ?', account);
      // Dropped first, so that no new connection can begin; DROP USER does not end the open ones.
      await db.query(`DROP USER IF EXISTS '${account}'@'localhost'`);
      await endConnections(db, 'user', account);
      return { dropped: there.length > 0 };
    });
  },
});

export const dbList = defineAct('db.list', {
  args: z.strictObject({ socket, prefix: z.string().regex(/^[a-z0-9]*$/) }),
  describe: ({ prefix }) => `list databases and accounts that begin with "${prefix}"`,
  run: ({ socket, prefix }, _policy, live) =>
    withRoot(socket, live, async (db) => {
      const like = `${prefix}%`;
      const [version = ''] = await names(db, 'SELECT version() AS name');
      return {
        databases: await names(
          db,
          'SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE ? ORDER BY name',
          like,
        ),
        accounts: await names(db, 'SELECT DISTINCT User AS name FROM mysql.user WHERE User LIKE ? ORDER BY name', like),
        version,
      };
    }),
});

export const dbSize = defineAct('db.size', {
  args: z.strictObject({ socket, database: name }),
  describe: ({ database }) => `measure the size of database ${database}`,
  run: ({ socket, database }, _policy, live) =>
    withRoot(socket, live, async (db) => {
      const sum = 'SELECT coalesce(sum(data_length + index_length), 0) AS name FROM information_schema.tables';
      const [bytes = '0'] = await names(db, `${sum} WHERE table_schema = ?`, database);
      const [folder = '/'] = await names(db, 'SELECT @@datadir AS name');
      return { bytes: Number(bytes), folder };
    }),
});

/** DROP DATABASE keeps the privileges on it, and a later database of the same name would inherit them. */
async function revokeAll(db: Connection, database: string): Promise<void> {
  const accounts = await names(db, "SELECT User AS name FROM mysql.db WHERE Db = ? AND Host = 'localhost'", database);
  for (const account of accounts.filter((one) => /^[a-z][a-z0-9]*$/.test(one)))
    await db.query(`REVOKE ALL PRIVILEGES ON \`${database}\`.* FROM '${account}'@'localhost'`);
}

/** Databases and accounts of sites begin with a handle; all others belong to somebody else. Throws `ACT_REFUSED`. */
function checkSiteName(policy: Policy, candidate: string): void {
  const rest = candidate.startsWith(policy.handlePrefix) ? candidate.slice(policy.handlePrefix.length) : '';
  if (!/^[1-9][0-9]{0,5}(?![0-9])/.test(rest)) refuse(`"${candidate}" is not a site's database or account`);
}

/** Ends the connections of an account or to a database. A connection that has already closed is no error. */
async function endConnections(db: Connection, by: 'user' | 'db', value: string): Promise<void> {
  const ids = await names(db, `SELECT id AS name FROM information_schema.processlist WHERE ${by} = ?`, value);
  for (const id of ids) {
    if (!/^[0-9]+$/.test(id))
      throw new AegirError('DB_FAILED', `"${id}" is not a connection id`, 'See the log of MariaDB.');
    await db.query(`KILL HARD CONNECTION ${id}`).catch(() => {});
  }
}

async function names(db: Connection, sql: string, ...values: string[]): Promise<string[]> {
  const [rows] = await db.query<RowDataPacket[]>(sql, values);
  return rows.map((row) => String(row.name));
}
