import { backupNamesWithPrefix, listBackupNames } from '../../../db/backup-lines.ts';
import { findBackup } from '../../../db/backups.ts';
import { backupFactTable, factsOfBackup } from '../../tables/backup-table.ts';
import type { Fact } from '../../tables/table.ts';
import { definePage, MOST_NAMES } from '../definition.ts';
import { madeOnce, tableFrom } from '../page-table.ts';

const factsMade = madeOnce(factsOfBackup);
const noFacts: readonly Fact[] = [];

/** Older ones are found in their own list. */
const RECENT = 10_000;

/** One backup. */
export const backupPage = definePage({
  kind: 'backup',
  title: 'Backups',
  goTo: 'Go to a backup',
  about: 'backup',
  list: {
    table: tableFrom(backupFactTable, ({ data: { backup } }, { name }) =>
      backup?.name === name ? factsMade(backup) : noFacts,
    ),
  },
  read: ({ db }, { name }) => ({ backup: findBackup(db, name) }),
  names: {
    of: 'backup',
    read: (db, begun) =>
      begun === '' ? listBackupNames(db, MOST_NAMES) : backupNamesWithPrefix(db, begun, MOST_NAMES),
  },
  palette: {
    order: 6,
    read: ({ db }) =>
      listBackupNames(db, RECENT).map((name) => ({ kind: 'backup', name, text: name, about: 'backup' })),
  },
});
