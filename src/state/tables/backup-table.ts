import type { BackupLine } from '../../db/backup-lines.ts';
import type { BackupRow } from '../../db/backups.ts';
import type { ConsoleState } from '../model/state.ts';
import { formatAgo, formatBytes, formatDate } from '../text/format.ts';
import { factTable } from './tab-tables.ts';
import type { Fact, TableSpec } from './table.ts';

/** How long a backup is kept, as it is shown. */
const stays = { kept: 'until deleted', rotating: 'till newer', safety: 'for a while' } as const;

export const backupTable: TableSpec<BackupLine> = {
  columns: [
    { title: 'SITE', width: 18, grow: 3 },
    { title: 'MADE', width: 8 },
    { title: 'SIZE', width: 7, align: 'right' },
    { title: 'CODE', width: 14, grow: 1, drop: 2 },
    { title: 'STAYS', width: 13 },
    { title: 'DESCRIPTION', width: 20, grow: 3, drop: 1 },
  ],
  id: (backup) => backup.name,
  text: ({ name, engine, version, kind, description }) => `${name} ${engine} ${version} ${stays[kind]} ${description}`,
  fields: {
    site: (backup) => backup.uri,
    platform: (backup) => backup.platform,
    code: ({ engine, version }) => `${engine} ${version}`,
    kind: (backup) => backup.kind,
    description: (backup) => backup.description,
  },
  sort: [
    (backup) => backup.uri,
    (backup) => backup.createdAt,
    (backup) => backup.bytes,
    ({ engine, version }) => `${engine} ${version}`,
    (backup) => backup.kind,
    (backup) => backup.description,
  ],
  cells: (backup, { now }) => [
    { text: backup.uri },
    { text: formatAgo(backup.createdAt, now) },
    { text: formatBytes(backup.bytes) },
    { text: `${backup.engine} ${backup.version}` },
    { text: stays[backup.kind] },
    { text: backup.description || '–' },
  ],
  empty: 'No backups yet. Press b on a site to make one.',
};

export const backupFactTable: TableSpec<Fact> = { ...factTable, empty: 'There is no such backup (any more).' };

/** What made a backup. The task of one by schedule may be pruned before its backup is. */
const madeBy = ({ taskId, kind }: BackupRow): string =>
  taskId !== null ? `task ${taskId}` : kind === 'kept' ? 'taken in from a file' : 'a task that is forgotten';

/** The facts on the page of a backup. */
export const factsOfBackup = (backup: BackupRow): Fact[] => [
  { name: 'site', value: backup.uri },
  { name: 'made', value: formatDate(backup.createdAt) },
  { name: 'by', value: madeBy(backup) },
  { name: 'description', value: backup.description || '–' },
  { name: 'stays', value: stays[backup.kind] },
  { name: 'size', value: formatBytes(backup.bytes) },
  { name: 'code', value: `${backup.engine} ${backup.version}` },
  { name: 'platform', value: backup.platform },
  { name: 'title', value: backup.site.title },
  { name: 'profile', value: backup.site.profile },
  { name: 'language', value: backup.site.language },
  { name: 'administrator', value: `${backup.site.admin.name} <${backup.site.admin.mail}>` },
];

/** A backup by its name, among those that the pages have read. */
export function findBackupLine({ data }: ConsoleState, name: string): BackupLine | undefined {
  if (data.backup?.name === name) return data.backup;
  const is = (backup: BackupLine): boolean => backup.name === name;
  return data.backups.lines.find(is) ?? data.objectBackups.find(is);
}
