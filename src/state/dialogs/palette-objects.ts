import { listBackupNames } from '../../db/backup-lines.ts';
import type { Inventory } from '../../db/inventory.ts';
import { listClientNames, listSiteNames, listTaskLines, openTaskLines, type TaskLine } from '../../db/lists.ts';
import { listPlatforms } from '../../db/platforms.ts';
import { listServers } from '../../db/servers.ts';
import type { ObjectEntryKind, PaletteEntry } from '../model/parts.ts';
import type { ConsoleState } from '../model/state.ts';
import { verbOf } from '../tables/cells.ts';
import { formatAgo } from '../text/format.ts';

/** Older ones, and what waits behind so many, are found in their own list. */
const MOST_OPEN = 1000;
const RECENT_TASKS = 200;
const RECENT_BACKUPS = 10_000;

/** Every object that the palette offers. Of very many that fit, the first are weighed: what is near stands first. */
export function objectEntries({ now }: Pick<ConsoleState, 'now'>, db: Inventory): PaletteEntry[] {
  const named = (kind: ObjectEntryKind, about: string = kind) => {
    return (name: string): PaletteEntry => ({ kind, name, text: name, about });
  };
  const uris = listSiteNames(db);
  return [
    ...openTaskLines(db, MOST_OPEN).map((task) => taskEntry(task, now)),
    ...listTaskLines(db, RECENT_TASKS)
      .filter(({ endedAt }) => endedAt !== null)
      .map((task) => taskEntry(task, now)),
    ...listServers(db).map(({ name }) => named('server')(name)),
    ...listPlatforms(db).map(({ name }) => named('platform')(name)),
    ...listClientNames(db).map(named('client', 'client, its sites')),
    ...uris.map(named('site')),
    ...listBackupNames(db, RECENT_BACKUPS).map(named('backup')),
    ...uris.map((uri): PaletteEntry => ({ kind: 'logs', name: uri, text: `${uri} logs`, about: 'logs of the site' })),
  ];
}

const taskEntry = ({ id, type, objectName, state, endedAt }: TaskLine, now: number): PaletteEntry => ({
  kind: 'task',
  name: String(id),
  text: `${verbOf(type)} ${objectName}`,
  about: `task ${id}, ${state}${endedAt === null ? '' : ` ${formatAgo(endedAt, now)}`}`,
});
