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
  /** `rotating` and `safety` backups are removed when there are enough newer ones of the kind; `kept` ones stay. */
  kind: 'kept' | 'rotating' | 'safety';
  /** The site's facts from its manifest. */
  site: BackupSite;
  bytes: number;
  createdAt: string;
  taskId: number | null;
}

/** The facts from which a site is recreated. */
export interface BackupSite {
  title: string;
  profile: string;
  language: string;
  admin: { name: string; mail: string };
  php: Record<string, number>;
  /** Missing in backups of older versions of the program. */
  aliases?: string[];
  web?: Record<string, unknown>;
  /** The size of its unpacked files; missing in rows of older versions of the program, until a worker adds it. */
  filesBytes?: number;
}

type StoredBackup = Omit<BackupRow, 'site'> & { site: string };

const parse = (row: StoredBackup): BackupRow => ({ ...row, site: JSON.parse(row.site) as BackupSite });

const select = `SELECT id, name, uri, platform, engine, version, description, kind, site, bytes, created_at AS createdAt,
  task_id AS taskId FROM backup`;

/** Backups, newest first; of one site if given. */
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
      // With max() SQLite returns the other columns of the same row.
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

/** Records a verified backup. */
export function insertBackup(db: Inventory, backup: Omit<BackupRow, 'id' | 'createdAt'>): void {
  db.prepare(
    `INSERT INTO backup (name, uri, platform, engine, version, description, kind, site, bytes, created_at, task_id)
     VALUES (@name, @uri, @platform, @engine, @version, @description, @kind, @site, @bytes, @at, @taskId)`,
  ).run({ ...backup, site: JSON.stringify(backup.site), at: now() });
}

/** Sets the creation time of a backup made elsewhere. */
export function setBackupDate(db: Inventory, name: string, at: string): void {
  db.prepare('UPDATE backup SET created_at = ? WHERE name = ?').run(at, name);
}

/** The names of backups whose unpacked size is not recorded. */
export const backupsWithoutSize = (db: Inventory): string[] =>
  db.prepare<[], string>("SELECT name FROM backup WHERE site ->> 'filesBytes' IS NULL").pluck().all();

/** Records the size of a backup's unpacked files, in bytes. */
export function setUnpackedSize(db: Inventory, name: string, filesBytes: number): void {
  db.prepare("UPDATE backup SET site = json_set(site, '$.filesBytes', ?) WHERE name = ?").run(filesBytes, name);
}

/** Removes a backup's row, after its folder is gone. */
export function removeBackup(db: Inventory, name: string): void {
  db.prepare('DELETE FROM backup WHERE name = ?').run(name);
}
