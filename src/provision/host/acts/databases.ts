import type { Connection, RowDataPacket } from 'mysql2/promise';
import { z } from 'zod';
import { AegirError } from '../../errors.ts';
import { defineAct } from './act.ts';

const socket = z.string().startsWith('/');
/** No underscore and no per cent: both are wildcards in GRANT. */
const name = z.string().regex(/^[a-z][a-z0-9]{2,31}$/);

/** What a CMS needs on its own database; nothing that reaches beyond it. */
const PRIVILEGES =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE TEMPORARY TABLES, LOCK TABLES, ' +
  'CREATE VIEW, SHOW VIEW, TRIGGER, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, EVENT';
/** Connections of one account at once: its PHP children, its cron, a person or two. */
const MAX_CONNECTIONS = 100;
/** MariaDB waits a day for a table's lock unless told; a drop that cannot have it must say so. */
const LOCK_WAIT_S = 60;

export const dbCreate = defineAct('db.create', {
  args: z.object({ socket, database: name }),
  describe: ({ database }) => `create database ${database}`,
  run: ({ socket, database }) =>
    withRoot(socket, async (db) => {
      await db.query(`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4`);
    }),
});

export const dbDrop = defineAct('db.drop', {
  args: z.object({ socket, database: name }),
  describe: ({ database }) => `drop database ${database}`,
  run: ({ socket, database }) =>
    withRoot(socket, async (db) => {
      const [rows] = await db.query<RowDataPacket[]>('SHOW DATABASES LIKE ?', [database]);
      await db.query(`DROP DATABASE IF EXISTS \`${database}\``);
      return { dropped: rows.length > 0 };
    }),
});

export const dbAccountAdd = defineAct('db.account.add', {
  args: z.object({ socket, account: name, database: name }),
  describe: ({ account, database }) => `create account ${account}, which logs in by unix_socket, for ${database}`,
  run: ({ socket, account, database }) =>
    withRoot(socket, async (db) => {
      await db.query(
        `CREATE USER '${account}'@'localhost' IDENTIFIED VIA unix_socket WITH MAX_USER_CONNECTIONS ${MAX_CONNECTIONS}`,
      );
      await db.query(`GRANT ${PRIVILEGES} ON \`${database}\`.* TO '${account}'@'localhost'`);
    }),
});

export const dbAccountRemove = defineAct('db.account.remove', {
  args: z.object({ socket, account: name }),
  describe: ({ account }) => `end the connections of account ${account} and drop it`,
  run: ({ socket, account }) =>
    withRoot(socket, async (db) => {
      const [there] = await db.query<RowDataPacket[]>('SELECT 1 FROM mysql.global_priv WHERE User = ?', [account]);
      await db.query(`DROP USER IF EXISTS '${account}'@'localhost'`);
      await db.query(`KILL CONNECTION USER '${account}'@'localhost'`).catch(() => {});
      return { dropped: there.length > 0 };
    }),
});

export const dbList = defineAct('db.list', {
  args: z.object({ socket, prefix: z.string().regex(/^[a-z0-9]*$/) }),
  describe: ({ prefix }) => `list databases and accounts that begin with "${prefix}"`,
  run: ({ socket, prefix }) =>
    withRoot(socket, async (db) => {
      const like = `${prefix}%`;
      const [databases] = await db.query<RowDataPacket[]>(
        'SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE ?',
        [like],
      );
      const [accounts] = await db.query<RowDataPacket[]>(
        'SELECT User AS name FROM mysql.global_priv WHERE User LIKE ?',
        [like],
      );
      const [version] = await db.query<RowDataPacket[]>('SELECT version() AS name');
      const names = (rows: RowDataPacket[]): string[] => rows.map((row) => String(row.name));
      return { databases: names(databases), accounts: names(accounts), version: String(version[0]?.name ?? '') };
    }),
});

/** One connection as MariaDB's root, who logs in by the operating system's word (unix_socket), closed again. */
async function withRoot<T>(socketPath: string, work: (db: Connection) => Promise<T>): Promise<T> {
  // Loaded here: the console starts without it.
  const { createConnection } = await import('mysql2/promise');
  let db: Connection;
  try {
    db = await createConnection({ socketPath, user: 'root', connectTimeout: 10_000 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AegirError(
      'DB_UNREACHABLE',
      `cannot log in to MariaDB as root through ${socketPath}: ${why}`,
      'Start MariaDB (aegir setup does); its root must log in by unix_socket.',
    );
  }
  try {
    await db.query(`SET SESSION lock_wait_timeout = ${LOCK_WAIT_S}`);
    return await work(db);
  } catch (error) {
    if (error instanceof AegirError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new AegirError('DB_FAILED', `MariaDB refused: ${why}`, 'See the log of MariaDB.');
  } finally {
    await db.end().catch(() => db.destroy());
  }
}
