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
  bytes: number;
  createdAt: string;
  taskId: number | null;
}

const select = `SELECT id, name, uri, platform, engine, version, description, bytes, created_at AS createdAt,
  task_id AS taskId FROM backup`;

/** Backups, newest first; those of one site when named. */
export const listBackups = (db: Inventory, uri?: string): BackupRow[] =>
  db
    .prepare<{ uri: string | null }, BackupRow>(
      `${select} WHERE @uri IS NULL OR uri = @uri ORDER BY created_at DESC, id DESC`,
    )
    .all({ uri: uri ?? null });

/** A backup by its name, or undefined. */
export const findBackup = (db: Inventory, name: string): BackupRow | undefined =>
  db.prepare<[string], BackupRow>(`${select} WHERE name = ?`).get(name);

/** Records a backup that was checked. */
export function insertBackup(db: Inventory, backup: Omit<BackupRow, 'id' | 'createdAt'>): void {
  db.prepare(
    `INSERT INTO backup (name, uri, platform, engine, version, description, bytes, created_at, task_id)
     VALUES (@name, @uri, @platform, @engine, @version, @description, @bytes, @at, @taskId)`,
  ).run({ ...backup, at: now() });
}

/** Forgets a backup whose folder is gone. */
export function removeBackup(db: Inventory, name: string): void {
  db.prepare('DELETE FROM backup WHERE name = ?').run(name);
}
