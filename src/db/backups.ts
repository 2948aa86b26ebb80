import { type Inventory, now } from './inventory.ts';

/** A backup of a site. */
export interface BackupRow {
  id: number;
  name: string;
  uri: string;
  platform: string;
  engine: string;
  version: string;
  description: string;
  /** `rotating` goes when enough newer ones of its kind are there, `safety` too; `kept` stays. */
  kind: 'kept' | 'rotating' | 'safety';
  /** What of the site its manifest says. */
  site: BackupSite;
  bytes: number;
  createdAt: string;
  taskId: number | null;
}

/** The facts by which a site is made again. */
export interface BackupSite {
  title: string;
  profile: string;
  language: string;
  admin: { name: string; mail: string };
  php: Record<string, number>;
  /** Missing in those of older versions of the program. */
  aliases?: string[];
  web?: Record<string, unknown>;
}

type StoredBackup = Omit<BackupRow, 'site'> & { site: string };

const parse = (row: StoredBackup): BackupRow => ({ ...row, site: JSON.parse(row.site) as BackupSite });

const select = `SELECT id, name, uri, platform, engine, version, description, kind, site, bytes, created_at AS createdAt,
  task_id AS taskId FROM backup`;

/** Backups, newest first; those of one site when named. */
export const listBackups = (db: Inventory, uri?: string): BackupRow[] =>
  db
    .prepare<{ uri: string | undefined }, StoredBackup>(
      `${select} ${uri === undefined ? '' : 'WHERE uri = @uri'} ORDER BY created_at DESC, id DESC`,
    )
    .all({ uri })
    .map(parse);

/** The newest backup of a site, or undefined. */
export const newestBackup = (db: Inventory, uri: string): Pick<BackupRow, 'name' | 'createdAt'> | undefined =>
  db
    .prepare<[string], Pick<BackupRow, 'name' | 'createdAt'>>(
      'SELECT name, created_at AS createdAt FROM backup WHERE uri = +? ORDER BY created_at DESC, id DESC LIMIT 1',
    )
    .get(uri);

/** The newest backup of each site, by URI. */
export const newestBackups = (db: Inventory): Map<string, Pick<BackupRow, 'uri' | 'name' | 'createdAt'>> =>
  new Map(
    db
      // Beside max() SQLite gives the other columns of the row that has it.
      .prepare<[], Pick<BackupRow, 'uri' | 'name' | 'createdAt'>>(
        'SELECT uri, name, max(created_at) AS createdAt FROM backup GROUP BY uri',
      )
      .all()
      .map((row) => [row.uri, row]),
  );

/** A backup by its name, or undefined. */
export function findBackup(db: Inventory, name: string): BackupRow | undefined {
  const row = db.prepare<[string], StoredBackup>(`${select} WHERE name = ?`).get(name);
  return row && parse(row);
}

/** Records a backup that was checked. */
export function insertBackup(db: Inventory, backup: Omit<BackupRow, 'id' | 'createdAt'>): void {
  db.prepare(
    `INSERT INTO backup (name, uri, platform, engine, version, description, kind, site, bytes, created_at, task_id)
     VALUES (@name, @uri, @platform, @engine, @version, @description, @kind, @site, @bytes, @at, @taskId)`,
  ).run({ ...backup, site: JSON.stringify(backup.site), at: now() });
}

/** Says when a backup was made that has come from elsewhere. */
export function createdBackup(db: Inventory, name: string, at: string): void {
  db.prepare('UPDATE backup SET created_at = ? WHERE name = ?').run(at, name);
}

/** Forgets a backup whose folder is gone. */
export function removeBackup(db: Inventory, name: string): void {
  db.prepare('DELETE FROM backup WHERE name = ?').run(name);
}
