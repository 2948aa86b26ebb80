import { type BackupRow, findBackup, listBackups } from '../db/backups.ts';
import type { Inventory } from '../db/inventory.ts';
import { AegirError } from '../provision/model/errors.ts';

/** A backup by its name; with `uri`, the error lists the backups of that site. Throws `NO_SUCH_OBJECT`. */
export function mustFindBackup(db: Inventory, name: string, uri?: string): BackupRow {
  const row = findBackup(db, name);
  if (row) return row;
  const newest = listBackups(db, uri)
    .slice(0, 3)
    .map((backup) => backup.name);
  const hint = newest.length > 0 ? `The newest: ${newest.join(', ')}.` : 'There are none yet.';
  throw new AegirError('NO_SUCH_OBJECT', `there is no backup ${name}`, hint, 'backup');
}
