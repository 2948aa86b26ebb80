import { listBackupLines } from '../../../db/backup-lines.ts';
import { listSiteNames, listTaskLines } from '../../../db/lists.ts';
import { listPackages, type PackageRow } from '../../../db/packages.ts';
import { findSite, type SiteRow } from '../../../db/sites.ts';
import { type Data, MOST_TASKS, type SiteMore } from '../../model/data.ts';
import { type ConsoleState, type Dialog, emptyPage, type Page } from '../../model/state.ts';
import { backupTable } from '../../tables/backup-table.ts';
import { stateCell } from '../../tables/cells.ts';
import { backupsCell, cronCell, nameTable, settingsOf, siteNames } from '../../tables/site-facts.ts';
import { logTable, packageTable, settingTable } from '../../tables/tab-tables.ts';
import { formatAgo, formatBytes } from '../../text/format.ts';
import { definePage, type HeadFact, MOST_NAMES, type PageSource } from '../definition.ts';
import { lockFacts, textFact } from '../facts.ts';
import { ownData } from '../own-data.ts';
import { madeOnce, tableFrom } from '../page-table.ts';
import { readSiteMore } from '../site-more.ts';
import { tasksTab } from '../tasks-tab.ts';
import { textDialog } from '../text-dialog.ts';

const packages = ownData<readonly PackageRow[]>([]);

const settingsMade = madeOnce((more: SiteMore, site: SiteRow) => settingsOf(site, more));
const namesMade = madeOnce(siteNames);
const none: readonly never[] = [];

/** One site. */
export const sitePage = definePage({
  kind: 'site',
  title: 'Sites',
  goTo: 'Go to a site',
  about: 'site',
  breadcrumb: ({ data: { site } }, { name }) =>
    site?.uri === name ? [site.server, site.platform, site.uri] : undefined,
  facts: (state, { name }) => siteFacts(state, name) ?? `There is no site ${name} (any more). Its tasks are kept.`,
  tabs: [
    tasksTab,
    {
      id: 'backups',
      title: 'Backups',
      table: tableFrom(backupTable, ({ data }) => data.objectBackups),
      rowKind: 'backup',
      opens: 'backup',
    },
    { id: 'packages', title: 'Packages', table: tableFrom(packageTable, ({ data }) => packages.of(data)) },
    {
      id: 'aliases',
      title: 'Aliases',
      table: tableFrom(nameTable, ({ data: { site } }) => (site ? namesMade(site) : none)),
    },
    { id: 'logs', title: 'Logs', table: tableFrom(logTable, ({ data }) => data.siteLogs), opens: 'log' },
    {
      id: 'settings',
      title: 'Settings',
      table: tableFrom(settingTable, ({ data: { site, siteMore } }) => (site ? settingsMade(siteMore, site) : none)),
      opens: (path, { name }) => fileFromTop(name, path),
      rowDialog: (id, act) => settingDialog(act.state(), id),
    },
  ],
  readsCatalogue: true,
  read: readSite,
  names: { of: 'site', read: (db, begun) => listSiteNames(db, begun, MOST_NAMES) },
  palette: {
    order: 5,
    read: ({ siteNames: uris }) => uris().map((name) => ({ kind: 'site', name, text: name, about: 'site' })),
  },
});

function readSite(source: PageSource, { name }: Page, old: Data): Partial<Data> {
  const { db } = source;
  const site = findSite(db, name);
  return {
    site,
    siteMore: site ? readSiteMore(source, site, old.siteMore) : old.siteMore,
    objectBackups: listBackupLines(db, name),
    objectTasks: listTaskLines(db, MOST_TASKS, { kind: 'site', name }),
    siteLogs: site ? source.siteLogs(site) : [],
    ...packages.put(old, site ? listPackages(db, { siteId: site.id }) : []),
  };
}

/** The page of a site on one of its tabs. */
export const siteOnTab = (uri: string, tab: string): Page => ({
  ...emptyPage('site', uri),
  tab: sitePage.tabs.findIndex(({ id }) => id === tab),
});

/** A file is read from its beginning. */
function fileFromTop(uri: string, path: string): Page {
  const page = emptyPage('file', `${uri} ${path}`);
  return { ...page, log: { ...page.log, cursor: Number.MIN_SAFE_INTEGER } };
}

/** A setting whole; files have pages. */
function settingDialog({ data: { site, siteMore } }: ConsoleState, id: string): Dialog | undefined {
  const setting = site && settingsMade(siteMore, site).find(({ name, file }) => !file && name === id);
  return setting && textDialog(setting.name, [setting.value]);
}

function siteFacts(state: ConsoleState, name: string): HeadFact[][] | undefined {
  const { now, data } = state;
  const { site, siteMore, objectBackups } = data;
  if (!site || site.uri !== name) return undefined;
  return [
    [
      { name: 'state', cell: stateCell(site.state) },
      textFact('platform', site.platform),
      textFact('client', site.client),
      ...lockFacts(site.lockReason),
    ],
    [
      textFact('title', site.title),
      textFact('database', site.databaseDriver === 'sqlite' ? 'a file' : site.databaseName),
      ...(siteMore.kept ? [textFact('goes back to', siteMore.kept.platform)] : []),
    ],
    [
      addressFact(state, site),
      textFact('disk', site.diskBytes === null ? 'not measured' : formatBytes(site.diskBytes)),
      textFact('verified', formatAgo(site.verifiedAt, now)),
    ],
    [
      { name: 'cron', cell: cronCell(siteMore, now) },
      { name: 'backups', cell: backupsCell(siteMore, objectBackups, now) },
    ],
  ];
}

/** The web server knows its port; until that is loaded, and where it is not set up, the URI stands alone. */
function addressFact({ catalogue, data }: ConsoleState, site: SiteRow): HeadFact {
  const { server, uri } = site;
  const row = data.servers.find(({ name }) => name === server);
  try {
    const url = row && catalogue?.siteUrl(row, site);
    return { name: 'address', cell: url === undefined ? { text: uri } : { text: url, link: url } };
  } catch {
    return textFact('address', uri);
  }
}
