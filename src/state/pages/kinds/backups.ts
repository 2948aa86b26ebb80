import { refreshBackups } from '../../../db/backup-lines.ts';
import { backupTable } from '../../tables/backup-table.ts';
import { definePage } from '../definition.ts';
import { tableFrom } from '../page-table.ts';

/** All backups. */
export const backupsPage = definePage({
  kind: 'backups',
  title: 'Backups',
  view: { key: '5' },
  list: {
    table: tableFrom(backupTable, ({ data }) => data.backups.lines),
    rowKind: 'backup',
    opens: 'backup',
    marks: true,
  },
  read: ({ db }, _page, old) => ({ backups: refreshBackups(db, old.backups) }),
});
