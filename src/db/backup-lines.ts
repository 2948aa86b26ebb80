import type { BackupRow } from './backups.ts';
import type { Inventory } from './inventory.ts';
import { sitesChanged } from './site-lines.ts';

/** A backup as a row of a list. */
export type BackupLine = Omit<BackupRow, 'id' | 'site' | 'taskId'>;

/** Backups as rows, newest first; of one site if given. */
export function listBackupLines(db: Inventory, uri?: string): BackupLine[] {
  return db
    .prepare<{ uri: string | undefined }, BackupLine>(
      `SELECT name, uri, platform, engine, version, description, kind, bytes, created_at AS createdAt
       FROM backup ${uri === undefined ? '' : 'WHERE uri = @uri'} ORDER BY created_at DESC, id DESC`,
    )
    .all({ uri });
}

/** Names of backups in the order of recording, newest first, at most `limit`. */
export const listBackupNames = (db: Inventory, limit: number): string[] =>
  db.prepare<[number], string>('SELECT name FROM backup ORDER BY id DESC LIMIT +?').pluck().all(limit);

/** Names of backups that begin with a text, sorted, at most `limit`. */
export const backupNamesWithPrefix = (db: Inventory, prefix: string, limit: number): string[] =>
  db
    .prepare<[string, string, number], string>(
      'SELECT name FROM backup WHERE name >= ? AND name < ? ORDER BY name LIMIT +?',
    )
    .pluck()
    .all(prefix, `${prefix}\u{10ffff}`, limit);

/** All backups as rows, newest first, at a revision of the sites; -1 before they were read. */
export interface BackupList {
  revision: number;
  lines: BackupLine[];
}

/** Updates a list: reads the backups of sites that have changed since, or all if the changed sites are unknown. */
export function refreshBackups(db: Inventory, old: BackupList): BackupList {
  const { revision, uris } = sitesChanged(db, old.revision);
  if (!uris) return { revision, lines: listBackupLines(db) };
  if (revision === old.revision) return old;
  const changed = new Set(uris);
  const [kept, gone] = [[] as BackupLine[], [] as BackupLine[]];
  for (const line of old.lines) (changed.has(line.uri) ? gone : kept).push(line);
  const fresh = newestFirst(uris.flatMap((uri) => listBackupLines(db, uri)));
  // The same array is kept if nothing has changed, so that values derived from it stay valid.
  if (JSON.stringify(fresh) === JSON.stringify(gone)) return { ...old, revision };
  return { revision, lines: newestFirst([...fresh, ...kept]) };
}

const newestFirst = (lines: BackupLine[]): BackupLine[] =>
  lines.sort((one, other) => (one.createdAt < other.createdAt ? 1 : one.createdAt > other.createdAt ? -1 : 0));
