import type { Connection, RowDataPacket } from 'mysql2/promise';
import { z } from 'zod';
import { AegirError } from '../../model/errors.ts';
import { type Policy, refuse } from '../policy.ts';
import { defineAct } from './act.ts';
import { withRoot } from './mariadb.ts';

const socket = z.string().startsWith('/');
/** No underscore and no per cent: both are wildcards in GRANT, which would open a neighbour's database. */
const name = z.string().regex(/^[a-z][a-z0-9]{2,31}$/);

/** What a CMS needs on its own database; nothing that reaches beyond it, and no right to grant. */
const PRIVILEGES =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE TEMPORARY TABLES, LOCK TABLES, ' +
  'CREATE VIEW, SHOW VIEW, TRIGGER, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, EVENT';
/** Connections of one account at once: its PHP children, its cron, a person or two. */
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
      // A transaction left open in one of its tables would make the drop wait.
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
    // A site's own alone: its account's name, and the number of a release.
    if (!new RegExp(`^${account}(r[1-9][0-9]*)?$`).test(database)) refuse(`${database} is no database of ${account}`);
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
      // Dropped first, so that no new connection begins; a drop does not end those that are open.
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
  describe: ({ database }) => `ask what database ${database} takes`,
  run: ({ socket, database }, _policy, live) =>
    withRoot(socket, live, async (db) => {
      const sum = 'SELECT coalesce(sum(data_length + index_length), 0) AS name FROM information_schema.tables';
      const [bytes = '0'] = await names(db, `${sum} WHERE table_schema = ?`, database);
      const [folder = '/'] = await names(db, 'SELECT @@datadir AS name');
      return { bytes: Number(bytes), folder };
    }),
});

/** A drop leaves the rights on a database where they are, for whoever gets one of that name. */
async function revokeAll(db: Connection, database: string): Promise<void> {
  const accounts = await names(db, "SELECT User AS name FROM mysql.db WHERE Db = ? AND Host = 'localhost'", database);
  for (const account of accounts.filter((one) => /^[a-z][a-z0-9]*$/.test(one)))
    await db.query(`REVOKE ALL PRIVILEGES ON \`${database}\`.* FROM '${account}'@'localhost'`);
}

/** Databases and accounts of sites begin with a handle; all others are somebody else's. Throws `ACT_REFUSED`. */
function checkSiteName(policy: Policy, candidate: string): void {
  const rest = candidate.startsWith(policy.handlePrefix) ? candidate.slice(policy.handlePrefix.length) : '';
  if (!/^[1-9][0-9]{0,5}(?![0-9])/.test(rest)) refuse(`"${candidate}" is not a site's database or account`);
}

/** Ends the connections of an account or in a database. One that has just ended by itself is no error. */
async function endConnections(db: Connection, by: 'user' | 'db', value: string): Promise<void> {
  const ids = await names(db, `SELECT id AS name FROM information_schema.processlist WHERE ${by} = ?`, value);
  for (const id of ids) {
    if (!/^[0-9]+$/.test(id)) throw new AegirError('DB_FAILED', `"${id}" is no connection`, 'See the log of MariaDB.');
    await db.query(`KILL HARD CONNECTION ${id}`).catch(() => {});
  }
}

async function names(db: Connection, sql: string, ...values: string[]): Promise<string[]> {
  const [rows] = await db.query<RowDataPacket[]>(sql, values);
  return rows.map((row) => String(row.name));
}
