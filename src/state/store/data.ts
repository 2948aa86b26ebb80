import { listBackupLines, refreshBackups } from '../../db/backup-lines.ts';
import { findBackup } from '../../db/backups.ts';
import { findBatch } from '../../db/batches.ts';
import type { Inventory } from '../../db/inventory.ts';
import { listSteps } from '../../db/journal.ts';
import {
  countObjects,
  countWaiting,
  lastTaskLines,
  lastTaskStates,
  listClientLines,
  listTaskLines,
  runningTaskLines,
  tasksRevision,
} from '../../db/lists.ts';
import { listPackages } from '../../db/packages.ts';
import { findPlatform, findPlatformLine, listPlatforms } from '../../db/platforms.ts';
import { keptRelease } from '../../db/releases.ts';
import { siteSchedules } from '../../db/schedules.ts';
import { listServers } from '../../db/servers.ts';
import { listSiteLines, refreshSites } from '../../db/site-lines.ts';
import { findSite, type SiteRow } from '../../db/sites.ts';
import { findTask, listTasks, type ObjectKind } from '../../db/tasks.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import { packagesWithNewer, refreshComparison } from '../../worker/compare.ts';
import { objectOfView } from '../commands/command.ts';
import { listSiteLogs } from '../log/site-logs.ts';
import type { TaskCatalogue } from '../model/catalogue.ts';
import type { Data, SiteMore } from '../model/data.ts';
import { MOST_TASKS } from '../model/data.ts';
import { fileOfPage, logOfPage } from '../model/log.ts';
import { type ConsoleState, currentPage, type Page } from '../model/state.ts';
import { shownList } from '../pages/list.ts';
import { tabsOf } from '../pages/page-table.ts';
import { changesFirst, comparedPlatforms } from '../tables/compare-table.ts';
import { asksForTasks } from '../tables/site-table.ts';

const FIRST_ROWS = 200;

/** Reads what the frame and a page show. */
export function readData(
  db: Inventory,
  paths: RootPaths,
  page: Page,
  { data: old, catalogue }: Pick<ConsoleState, 'data' | 'catalogue'>,
): Data {
  return {
    ...old,
    generation: old.generation + 1,
    counts: countObjects(db),
    servers: listServers(db),
    running: runningTaskLines(db),
    waiting: countWaiting(db),
    ...readPage(db, paths, page, old, catalogue),
    siteTasks: wantsTasks(page) ? readSiteTasks(db, old) : old.siteTasks,
  };
}

/** The newest tasks of all sites: read again when a task was queued, has begun or ended, not for its progress. */
function readSiteTasks(db: Inventory, old: Data): Data['siteTasks'] {
  const as = tasksRevision(db);
  return as === old.siteTasks.as ? old.siteTasks : { as, words: lastTaskStates(db, 'site') };
}

/** True while the list of sites on a page is filtered by their newest tasks. */
export const wantsTasks = ({ kind, list }: Page): boolean =>
  (kind === 'sites' || kind === 'platform') && asksForTasks(list.filter);

/** The newest task of each object whose row is on the screen. */
export function readLastTasks(db: Inventory, state: ConsoleState): Data['lastTasks'] {
  const kind = kindOfRows(currentPage(state));
  const list = shownList(state);
  if (!kind || !list) return noTasks;
  const { top } = currentPage(state).list;
  const names = list.rows.slice(top, top + list.height).map(list.table.id);
  return lastTaskLines(db, kind, names);
}

const noTasks: Data['lastTasks'] = new Map();

function kindOfRows(page: Page): ObjectKind | undefined {
  const kind = tabsOf[page.kind]
    ? tabsOf[page.kind]?.[page.tab] === 'Sites'
      ? 'site'
      : undefined
    : objectOfView[page.kind];
  return kind === 'task' || kind === 'backup' || kind === 'client' ? undefined : kind;
}

function readPage(
  db: Inventory,
  paths: RootPaths,
  { kind, name, list }: Page,
  old: Data,
  catalogue: TaskCatalogue | undefined,
): Partial<Data> {
  switch (kind) {
    case 'sites':
      return readSites(db, list, old);
    case 'platforms':
      return { platforms: listPlatforms(db) };
    case 'backups':
      return { backups: refreshBackups(db, old.backups) };
    case 'backup':
      return { backup: findBackup(db, name) };
    case 'compare':
      return compareNamed(db, name, old);
    case 'batch':
      return { batch: findBatch(db, name), objectTasks: listTaskLines(db, MOST_TASKS, { batch: name }) };
    case 'clients':
      return { clients: listClientLines(db) };
    case 'tasks':
      return { tasks: listTaskLines(db, MOST_TASKS) };
    case 'site': {
      const site = findSite(db, name);
      const packages = site ? listPackages(db, { siteId: site.id }) : [];
      const siteLogs = site ? listSiteLogs(paths, site) : [];
      const objectBackups = listBackupLines(db, name);
      const siteMore = site ? readMore(db, paths, site, old.siteMore, catalogue) : old.siteMore;
      return { site, siteMore, packages, siteLogs, objectBackups, objectTasks: tasksOf(db, kind, name) };
    }
    case 'file': {
      const site = findSite(db, fileOfPage(name).uri);
      return { site, siteMore: site ? readMore(db, paths, site, old.siteMore, catalogue) : old.siteMore };
    }
    case 'log':
      return { site: findSite(db, logOfPage(name)?.uri ?? '') };
    case 'platform': {
      const platform = findPlatformLine(db, name);
      return {
        platform,
        platformPackages: platform ? packagesWithNewer(db, platform) : [],
        objectSites: refreshSites(db, old.objectSites, name),
        objectTasks: tasksOf(db, kind, name),
      };
    }
    case 'server':
      return { objectTasks: tasksOf(db, kind, name) };
    case 'task':
      return { task: findTask(db, Number(name)), steps: listSteps(db, Number(name)) };
    case 'servers':
    case 'home':
      return {};
  }
}

/** Of a hundred thousand sites only those are read that have changed. */
function readSites(db: Inventory, list: Page['list'], { generation, sites }: Data): Partial<Data> {
  // The first frame shows a screenful, where that is known without the rest; the rest is read right behind it.
  if (generation === 0 && isPlain(list))
    return { sites: { ...sites, lines: listSiteLines(db, { limit: FIRST_ROWS }) } };
  return { sites: refreshSites(db, sites) };
}

function readMore(
  db: Inventory,
  { root }: RootPaths,
  site: SiteRow,
  old: SiteMore,
  catalogue: TaskCatalogue | undefined,
): SiteMore {
  const { id, uri } = site;
  const [lastCron] = listTasks(db, { object: { kind: 'site', name: uri }, type: 'site.cron', limit: 1 });
  return { schedules: siteSchedules(db, id), lastCron, kept: keptRelease(db, id), files: filesOf() };

  function filesOf(): SiteMore['files'] {
    try {
      return catalogue?.siteFiles(db, root, uri, old.files);
    } catch {
      // Services whose settings are not as their drivers have them: doctor says so.
      return undefined;
    }
  }
}

/** A comparison that is open is made once; then those sites are compared again that have changed. */
function compareNamed(db: Inventory, name: string, old: Data): Partial<Data> {
  const { from, to } = comparedPlatforms(name);
  const [one, other] = [findPlatform(db, from), findPlatform(db, to)];
  if (!one || !other) return { comparison: undefined, compared: undefined };
  const compared = refreshComparison(db, one, other, old.compared);
  const { comparison } = compared;
  if (compared === old.compared) return {};
  if (!old.comparison || comparison.packages !== old.compared?.comparison.packages)
    return { compared, comparison: changesFirst(comparison) };
  return { compared, comparison: { ...old.comparison, sites: comparison.sites } };
}

const isPlain = ({ filter, sort, index }: Page['list']): boolean => filter === '' && !sort && index < FIRST_ROWS / 2;

const tasksOf = (db: Inventory, kind: ObjectKind, name: string): Data['objectTasks'] =>
  listTaskLines(db, MOST_TASKS, { kind, name });
