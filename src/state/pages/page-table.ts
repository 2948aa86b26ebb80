import type { ServerRow } from '../../db/servers.ts';
import type { SiteLine, SiteList } from '../../db/site-lines.ts';
import type { Data } from '../model/data.ts';
import type { ConsoleState, Page, PageKind } from '../model/state.ts';
import { backupFactTable, backupTable, factsOfBackup } from '../tables/backup-table.ts';
import { taskCell } from '../tables/cells.ts';
import { differenceTable, moveTable } from '../tables/compare-table.ts';
import { findingTable } from '../tables/finding-table.ts';
import { makeRows } from '../tables/rows.ts';
import { nameTable, type Setting, type SiteName, settingsOf, siteNames } from '../tables/site-facts.ts';
import { siteTableWith } from '../tables/site-table.ts';
import {
  logTable,
  packageTable,
  platformPackageTable,
  type ServiceLine,
  serviceTable,
  settingTable,
} from '../tables/tab-tables.ts';
import { type CellContext, type Fact, makeTable, type Rows, type Table, type TableSpec } from '../tables/table.ts';
import { clientTable, platformTable, serverTable, taskTable } from '../tables/tables.ts';

/** The tabs of the pages that have some. */
export const tabsOf: Partial<Record<PageKind, readonly string[]>> = {
  site: ['Tasks', 'Backups', 'Packages', 'Aliases', 'Logs', 'Settings'],
  platform: ['Sites', 'Packages', 'Tasks'],
  server: ['Services', 'Doctor', 'Tasks'],
  compare: ['Moves', 'Differences'],
  batch: ['Tasks'],
};

/** The table that a page shows; undefined for pages without a list. */
export function tableOf(page: Page, state: ConsoleState): Table | undefined {
  const { data } = state;
  const tab = tabsOf[page.kind]?.[page.tab];
  switch (tab ?? page.kind) {
    case 'sites':
      return sitesTable('sites', data.sites, data.siteTasks.words);
    case 'platforms':
      return cached(platformTable, data.platforms);
    case 'servers':
      return cached(serverTable, data.servers);
    case 'tasks':
      return cached(taskTable, data.tasks);
    case 'backups':
      return cached(backupTable, data.backups.lines);
    case 'backup':
      return cached(backupFactTable, factsOfShownBackup(page, data));
    case 'clients':
      return cached(clientTable, data.clients);
    case 'Sites':
      return sitesTable('Sites', data.objectSites, data.siteTasks.words);
    case 'Tasks':
      return cached(taskTable, data.objectTasks);
    case 'Backups':
      return cached(backupTable, data.objectBackups);
    case 'Moves':
      return cached(moveTable, data.comparison?.sites ?? noMoves);
    case 'Differences':
      return cached(differenceTable, data.comparison?.packages ?? noDifferences);
    case 'Packages':
      return page.kind === 'platform'
        ? cached(platformPackageTable, data.platformPackages)
        : cached(packageTable, data.packages);
    case 'Logs':
      return cached(logTable, data.siteLogs);
    case 'Services':
      return cached(serviceTable, servicesOf(page, state));
    case 'Doctor':
      return cached(findingTable, state.findings ?? noFindings);
    case 'Settings':
      return cached(settingTable, settingsOfShown(data));
    case 'Aliases':
      return cached(nameTable, shownSiteNames(data));
    default:
      return undefined;
  }
}

/** The rows that a page shows, filtered and sorted, as row numbers of its table. */
export const rowsOf = ({ list }: Page, table: Table): readonly number[] => table.order(list.filter, list.sort);

/** What cells may look at. */
export const cellContext = ({ now, data, services }: ConsoleState): CellContext => ({
  now,
  services,
  lastTask(name) {
    const task = data.lastTasks.get(name);
    return task ? taskCell(task) : { text: '–', tone: 'dim' };
  },
});

const tables = new WeakMap<readonly unknown[], Table>();

/** One table for as long as the items are the same ones: filtering thousands of rows is done once a change. */
function cached<T>(spec: TableSpec<T>, items: readonly T[]): Table {
  const known = tables.get(items);
  if (known) return known;
  const table = makeTable(spec, makeRows(spec, items));
  tables.set(items, table);
  return table;
}

interface SitesTable {
  list: SiteList;
  tasks: ReadonlyMap<string, string>;
  spec: TableSpec<SiteLine>;
  rows: Rows<SiteLine>;
  table: Table;
}

/** The tables of sites that were shown last: of all, and of a platform. */
const siteTables = new Map<'sites' | 'Sites', SitesTable>();

/** The table of sites with their newest tasks, as they were read last. Of many sites few change at once: the rest is kept. */
function sitesTable(of: 'sites' | 'Sites', list: SiteList, tasks: ReadonlyMap<string, string>): Table {
  const known = siteTables.get(of);
  if (known?.tasks === tasks && known.list === list) return known.table;
  const spec = known?.tasks === tasks ? known.spec : siteTableWith(tasks);
  const rows = known ? rowsAfter(known, list, spec) : makeRows(spec, list.lines);
  const table = makeTable(spec, rows);
  siteTables.set(of, { list, tasks, spec, rows, table });
  return table;
}

function rowsAfter({ list: old, rows }: SitesTable, list: SiteList, spec: TableSpec<SiteLine>): Rows<SiteLine> {
  const { lines, from } = list;
  if (old === list) return rows.after(spec, lines, noChange);
  return from?.revision === old.revision && from.lines === old.lines
    ? rows.after(spec, lines, from.was)
    : makeRows(spec, lines);
}

const noChange: ReadonlyMap<number, SiteLine> = new Map();

const noFindings: NonNullable<ConsoleState['findings']> = [];
const noServices: ServiceLine[] = [];
const probed = new WeakMap<ServerRow, { by: ConsoleState['services']; lines: ServiceLine[] }>();

/** The services of a server with how they were when they were asked last. */
function servicesOf({ name }: Page, { data, services: by }: ConsoleState): ServiceLine[] {
  const server = data.servers.find((candidate) => candidate.name === name);
  if (!server) return noServices;
  const known = probed.get(server);
  if (known?.by === by) return known.lines;
  const lines = server.services.map((service) => ({
    ...service,
    state: by.find(({ kind }) => kind === service.kind)?.state,
  }));
  probed.set(server, { by, lines });
  return lines;
}

const noMoves: NonNullable<Data['comparison']>['sites'] = [];
const noDifferences: NonNullable<Data['comparison']>['packages'] = [];
const noBackup: Fact[] = [];
const noSettings: Setting[] = [];
const noNames: SiteName[] = [];
const facts = new WeakMap<object, unknown[]>();

/** One list for as long as what it is made of is the same. */
function once<T>(of: object, make: () => T[]): T[] {
  const known = (facts.get(of) as T[] | undefined) ?? make();
  facts.set(of, known);
  return known;
}

const factsOfShownBackup = ({ name }: Page, { backup }: Data): Fact[] =>
  backup?.name === name ? once(backup, () => factsOfBackup(backup)) : noBackup;
const settingsOfShown = ({ site, siteMore }: Data): Setting[] =>
  site ? once(siteMore, () => settingsOf(site, siteMore)) : noSettings;
const shownSiteNames = ({ site }: Data): SiteName[] => (site ? once(site, () => siteNames(site)) : noNames);
