import type { SiteLine } from '../../db/site-lines.ts';
import type { Cell } from '../model/parts.ts';
import { formatAgo } from '../text/format.ts';
import { stateCell, withLock } from './cells.ts';
import type { TableSpec } from './table.ts';

const siteTable: TableSpec<SiteLine> = {
  columns: [
    { title: 'URI', width: 20, grow: 3 },
    { title: 'PLATFORM', width: 11, grow: 1 },
    { title: 'STATE', width: 12 },
    { title: 'CLIENT', width: 10, drop: 1 },
    { title: 'BACKUP', width: 9, drop: 3 },
    { title: 'LAST TASK', width: 14, drop: 2 },
  ],
  id: (site) => site.uri,
  text: (site) => `${site.uri} ${site.platform} ${site.client} ${site.state}`,
  fields: {
    uri: (site) => site.uri,
    platform: (site) => site.platform,
    client: (site) => site.client,
    state: (site) => site.state,
    locked: (site) => (site.locked ? 'yes' : 'no'),
    backup: (site) => backupFilterText(site, Date.now()),
  },
  sort: [
    (site) => site.uri,
    (site) => site.platform,
    (site) => site.state,
    (site) => site.client,
    // By the minute: of very many sites few differ then.
    (site) => Math.floor(site.backupAt / 60),
  ],
  cells: (site, around) => [
    { text: site.uri },
    { text: site.platform },
    withLock(site.locked, stateCell(site.state)),
    { text: site.client },
    backupCell(site, around.now),
    around.lastTask(site.uri),
  ],
  empty: 'No sites yet. n installs one on a platform; 2 shows the platforms, where n adds one.',
};

const isLate = ({ backupLateAt }: SiteLine, now: number): boolean => backupLateAt > 0 && backupLateAt * 1000 < now;

/** The age of the newest backup, with a mark where it is older than its schedule allows. */
function backupCell(site: SiteLine, now: number): Cell {
  const age = site.backupAt === 0 ? '–' : formatAgo(new Date(site.backupAt * 1000).toISOString(), now);
  if (isLate(site, now)) return { text: `${age} !`, tone: 'warn' };
  return { text: age };
}

/** What the filter `backup:` searches: "none" or the day of the newest backup, and "late". */
function backupFilterText(site: SiteLine, now: number): string {
  const day = site.backupAt === 0 ? 'none' : dayOf(Math.floor(site.backupAt / DAY_S));
  return isLate(site, now) ? `${day} late` : day;
}

const DAY_S = 86_400;
const days = new Map<number, string>();

/** A day by its number since 1970 as ISO 8601, cached: a filter asks for those of a hundred thousand sites. */
function dayOf(number: number): string {
  const known = days.get(number) ?? new Date(number * DAY_S * 1000).toISOString().slice(0, 10);
  days.set(number, known);
  return known;
}

/** The table of sites. `tasks` is what the filter `task:` searches: the newest task of each site, as "verify failed". */
export const siteTableWith = (tasks: ReadonlyMap<string, string>): TableSpec<SiteLine> => ({
  ...siteTable,
  fields: { ...siteTable.fields, task: ({ uri }) => tasks.get(uri) ?? 'none' },
});

/** True where a filter has a `task:` term. The newest tasks are only read for that. */
export const asksForTasks = (filter: string): boolean => /(^|\s)!*task:/i.test(filter);
