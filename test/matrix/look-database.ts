import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Tell } from './look.ts';
import type { Mask } from './mask.ts';
import { MAIN, type World } from './world.ts';

/** Rows that a CMS writes by itself when it is asked for a page or does its own work. */
const byItself: Record<string, RegExp> = {
  wordpress:
    /_transient_|_aegir_login_|"(https_detection_errors|db_upgraded|recovery_keys|cron|rewrite_rules|recently_edited|session_tokens|auto_updater\.lock|user_count)"/,
  spip: /"(info_maj_spip|alea_ephemere|alea_ephemere_ancien|alea_ephemere_date|charset_sql_base|derniere_modif\w*|plugin\w*|cache_\w*|date_\w+|gcvs\w*|marqueur\w*|optimiser\w*)"/,
  drupal: /^$/,
};
const tablesByThemselves =
  /(cache|semaphore|sessions|watchdog|flood|key_value|queue|search_|spip_jobs|spip_jobs_liens|_test)/;

/** The databases and accounts of the world's sites, table by table. */
export async function lookAtDatabases({ stack, code }: World, mask: Mask, tell: Tell): Promise<void> {
  const service = stack.server.services.find(({ kind }) => kind === 'db');
  const db = await createConnection({ socketPath: String(service?.settings.socket), user: 'root', dateStrings: true });
  const own = `${stack.server.handlePrefix}%`;
  try {
    for (const { bytes } of await rows(db, 'SELECT @@GLOBAL.max_allowed_packet AS bytes'))
      tell('max_allowed_packet', String(bytes));
    for (const { name } of await rows(
      db,
      'SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE ?',
      own,
    )) {
      tell(`database ${String(name)}`, '');
      const tables = await rows(
        db,
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?',
        String(name),
      );
      for (const table of tables) await lookAtTable(db, String(name), String(table.name), code.engine, mask, tell);
    }
    for (const { name, priv } of await rows(
      db,
      'SELECT User AS name, Priv AS priv FROM mysql.global_priv WHERE User LIKE ?',
      own,
    )) {
      const grants = await rows(db, `SHOW GRANTS FOR '${String(name)}'@'localhost'`);
      const texts = [String(priv), ...grants.flatMap((grant) => Object.values(grant).map(String))].map(mask.text);
      tell(
        `account ${String(name)}`,
        texts
          .sort()
          .join('\n')
          .replace(/"password_last_changed":\d+/, ''),
      );
    }
  } finally {
    await db.end();
  }
}

async function lookAtTable(
  db: Connection,
  database: string,
  table: string,
  engine: string,
  mask: Mask,
  tell: Tell,
): Promise<void> {
  if (tablesByThemselves.test(table)) return;
  const found = await rows(db, `SELECT * FROM \`${database}\`.\`${table}\``);
  const isMain = mask.siteOf(database) === MAIN;
  const texts = found
    .map((row) => JSON.stringify(row))
    .filter((text) => !byItself[engine]?.test(text))
    .map((text) => (isMain ? mask.text(text) : mask.chance(mask.text(text))));
  tell(`table ${database}.${table}`, texts.sort().join('\n'));
}

async function rows(db: Connection, sql: string, ...values: string[]): Promise<RowDataPacket[]> {
  return (await db.query<RowDataPacket[]>(sql, values))[0];
}
