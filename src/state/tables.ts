import type { ClientLine, SiteLine, TaskLine } from '../db/lists.ts';
import type { PackageRow } from '../db/packages.ts';
import type { PlatformRow } from '../db/platforms.ts';
import type { ServerRow, ServiceRow } from '../db/servers.ts';
import type { PackageLine } from '../worker/compare.ts';
import { serviceCell, stateCell, taskCell, verbOf } from './cells.ts';
import { formatAgo, formatBytes, formatClock } from './format.ts';
import type { ServiceHealth } from './model.ts';
import type { Setting } from './site-facts.ts';
import { logPageName, type SiteLog } from './site-logs.ts';
import type { Cell, CellContext, TableSpec } from './table.ts';

const lock = (locked: boolean, cell: Cell): Cell => (locked ? { ...cell, text: `${cell.text}, locked` } : cell);

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
    backup: (site) => backupWords(site, Date.now()),
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
    lock(site.locked, stateCell(site.state)),
    { text: site.client },
    backupCell(site, around.now),
    around.lastTask(site.uri),
  ],
  empty: 'No sites yet. Press n to install one.',
};

const isLate = ({ backupLateAt }: SiteLine, now: number): boolean => backupLateAt > 0 && backupLateAt * 1000 < now;

/** The age of the newest backup, with a sign where it is older than its schedule wants. */
function backupCell(site: SiteLine, now: number): Cell {
  const age = site.backupAt === 0 ? '–' : formatAgo(new Date(site.backupAt * 1000).toISOString(), now);
  if (isLate(site, now)) return { text: `${age} !`, tone: 'warn' };
  return site.backupAt === 0 ? { text: age, tone: 'dim' } : { text: age };
}

/** What `backup:` looks at: "none", "late", the day of the newest one. */
function backupWords(site: SiteLine, now: number): string {
  const day = site.backupAt === 0 ? 'none' : dayOf(Math.floor(site.backupAt / DAY_S));
  return isLate(site, now) ? `${day} late` : day;
}

const DAY_S = 86_400;
const days = new Map<number, string>();

/** A day by its number since 1970, made once: a filter asks for those of a hundred thousand sites. */
function dayOf(number: number): string {
  const known = days.get(number) ?? new Date(number * DAY_S * 1000).toISOString().slice(0, 10);
  days.set(number, known);
  return known;
}

/** The same with what `task:` looks at: how the newest task of each site stands, "verify failed". */
export const siteTableWith = (tasks: ReadonlyMap<string, string>): TableSpec<SiteLine> => ({
  ...siteTable,
  fields: { ...siteTable.fields, task: ({ uri }) => tasks.get(uri) ?? 'none' },
});

/** True where a filter asks for the newest tasks, which are read for it alone. */
export const asksForTasks = (filter: string): boolean => /(^|\s)!*task:/i.test(filter);

export const platformTable: TableSpec<PlatformRow> = {
  columns: [
    { title: 'NAME', width: 14, grow: 2 },
    { title: 'CMS', width: 18, grow: 1 },
    { title: 'STATE', width: 12 },
    { title: 'SITES', width: 5, align: 'right' },
    { title: 'VERIFIED', width: 9, drop: 1 },
    { title: 'LAST TASK', width: 16, drop: 2 },
  ],
  id: (platform) => platform.name,
  text: ({ name, engine, version, state, source }) => `${name} ${engine} ${version} ${state} ${source}`,
  fields: {
    name: (platform) => platform.name,
    engine: (platform) => platform.engine,
    version: (platform) => platform.version,
    state: (platform) => platform.state,
    source: (platform) => platform.source,
  },
  sort: [
    (platform) => platform.name,
    (platform) => `${platform.engine} ${platform.version}`,
    (platform) => platform.state,
    (platform) => platform.sites,
    (platform) => platform.verifiedAt ?? '',
  ],
  cells: (platform, around) => [
    { text: platform.name },
    { text: `${platform.engine} ${platform.version}`.trim() || '–' },
    lock(platform.lockReason !== null, stateCell(platform.state)),
    { text: String(platform.sites) },
    { text: formatAgo(platform.verifiedAt, around.now) },
    around.lastTask(platform.name),
  ],
  empty: 'No platforms yet. n adds one: the code that sites run on.',
};

export const serverTable: TableSpec<ServerRow> = {
  columns: [
    { title: 'NAME', width: 16, grow: 1 },
    { title: 'STATE', width: 18 },
    { title: 'SERVICES', width: 24, grow: 3 },
    { title: 'VERIFIED', width: 9, drop: 2 },
    { title: 'LAST TASK', width: 16, drop: 1 },
  ],
  id: (server) => server.name,
  text: (server) => `${server.name} ${server.services.map((service) => service.driver).join(' ')}`,
  fields: { name: (server) => server.name },
  sort: [(server) => server.name],
  cells: (server, around) => [
    { text: server.name },
    servicesCell(around.services),
    { text: server.services.map(({ driver, version }) => `${driver} ${version}`.trim()).join(', ') },
    { text: formatAgo(server.verifiedAt, around.now) },
    around.lastTask(server.name),
  ],
  empty: 'No server yet. Run aegir setup on this machine.',
};

export const taskTable: TableSpec<TaskLine> = {
  columns: [
    { title: 'TASK', width: 6, align: 'right' },
    { title: 'STATE', width: 13 },
    { title: 'WHAT', width: 12 },
    { title: 'OBJECT', width: 14, grow: 1 },
    { title: 'QUEUED', width: 8 },
    { title: 'TIME', width: 8, align: 'right', drop: 2 },
    { title: 'BY', width: 8, drop: 1 },
  ],
  id: (task) => String(task.id),
  text: (task) => `${task.id} ${task.state} ${task.type.replace('.', ' ')} ${task.objectName} ${task.queuedBy}`,
  fields: {
    id: (task) => String(task.id),
    state: (task) => task.state,
    type: (task) => task.type,
    what: (task) => verbOf(task.type),
    object: (task) => task.objectName,
    kind: (task) => task.objectKind,
    by: (task) => task.queuedBy,
    batch: (task) => task.batch ?? '',
  },
  sort: [
    (task) => task.id,
    (task) => task.state,
    (task) => verbOf(task.type),
    (task) => task.objectName,
    (task) => task.queuedAt,
    (task) => timeOf(task, Date.now()) ?? 0,
    (task) => task.queuedBy,
  ],
  cells: (task, { now }) => [
    { text: String(task.id) },
    { ...stateCell(task.state), ...(task.unfinished ? { text: `${task.state} !`, tone: 'warn' } : {}) },
    { text: taskCell(task).text },
    { text: `${task.objectKind === 'site' ? '' : `${task.objectKind} `}${task.objectName}` },
    { text: formatAgo(task.queuedAt, now) },
    { text: clockOf(task, now) },
    { text: task.queuedBy },
  ],
  empty: 'No tasks yet. What you do to sites and platforms is queued and kept here.',
};

export const clientTable: TableSpec<ClientLine> = {
  columns: [
    { title: 'NAME', width: 14, grow: 1 },
    { title: 'MAIL', width: 16, grow: 1, drop: 1 },
    { title: 'SITES', width: 9, align: 'right' },
    { title: 'DISABLED', width: 10, align: 'right' },
    { title: 'DISK', width: 16, align: 'right' },
    { title: 'SINCE', width: 9, drop: 2 },
  ],
  id: (client) => client.name,
  text: (client) => `${client.name} ${client.mail}`,
  fields: { name: (client) => client.name, mail: (client) => client.mail },
  sort: [
    (client) => client.name,
    (client) => client.mail,
    (client) => client.sites,
    (client) => client.disabled,
    (client) => client.diskBytes,
    (client) => client.createdAt,
  ],
  cells: (client, { now }) => [
    { text: client.name },
    { text: client.mail || '–' },
    { text: ofQuota(String(client.sites), client.maxSites?.toString()) },
    { text: String(client.disabled) },
    {
      text: ofQuota(
        formatBytes(client.diskBytes),
        client.maxDiskBytes === null ? undefined : formatBytes(client.maxDiskBytes),
      ),
    },
    { text: formatAgo(client.createdAt, now) },
  ],
  empty: 'No clients yet. A site belongs to one: n adds it, the form of a site asks for whom it is.',
};

const packageColumns = [
  { title: 'KIND', width: 8 },
  { title: 'NAME', width: 16, grow: 1 },
  { title: 'VERSION', width: 12 },
];
const titleColumn = { title: 'TITLE', width: 16, grow: 2, drop: 1 };
/** What a client has, and how much that may be. */
const ofQuota = (has: string, quota: string | undefined): string => (quota === undefined ? has : `${has} of ${quota}`);

export const packageTable: TableSpec<PackageRow> = {
  columns: [...packageColumns, titleColumn],
  id: (item) => `${item.kind} ${item.name}`,
  text: (item) => `${item.kind} ${item.name} ${item.version} ${item.title}`,
  fields: { kind: (item) => item.kind, name: (item) => item.name, version: (item) => item.version },
  sort: [(item) => item.kind, (item) => item.name, (item) => item.version, (item) => item.title],
  cells: (item) => [{ text: item.kind }, { text: item.name }, { text: item.version }, { text: item.title }],
  empty: 'No packages known. Press v to verify: it looks at the code and records what is there.',
};

/** The packages of a platform: what another one of its CMS has newer. */
export const platformPackageTable: TableSpec<PackageLine> = {
  ...packageTable,
  columns: [...packageColumns, { title: 'NEWER', width: 14, grow: 1 }, titleColumn],
  text: (item) => `${packageTable.text(item)} ${item.newer}`,
  fields: { ...packageTable.fields, newer: (item) => item.newer },
  sort: [(item) => item.kind, (item) => item.name, (item) => item.version, (item) => item.newer, (item) => item.title],
  cells: (item) => [
    { text: item.kind },
    { text: item.name },
    { text: item.version },
    item.newer === '' ? { text: '–', tone: 'dim' } : { text: item.newer, tone: 'warn' },
    { text: item.title },
  ],
};

export const logTable: TableSpec<SiteLog> = {
  columns: [
    { title: 'LOG', width: 16, grow: 1 },
    { title: 'SIZE', width: 8, align: 'right' },
    { title: 'CHANGED', width: 10 },
  ],
  id: logPageName,
  text: (log) => log.file,
  fields: { log: (log) => log.file },
  sort: [(log) => log.file, (log) => log.bytes, (log) => log.changedAt],
  cells: (log, { now }) => [
    { text: log.file },
    { text: formatBytes(log.bytes) },
    { text: formatAgo(log.changedAt, now) },
  ],
  empty: 'No logs: nobody has asked for a page yet, or only root may see them.',
};

/** What runs of the services of this machine; what does not is named. */
function servicesCell(services: CellContext['services']): Cell {
  const down = services.filter(({ state }) => state !== 'running');
  if (services.length === 0) return { text: 'not asked yet', tone: 'dim' };
  const [first] = down;
  if (!first) return serviceCell('running');
  return serviceCell(first.state, down.length > 1 ? `${down.length} do not run` : `${first.name} ${first.state}`);
}

/** A service with how it was when it was asked last. */
export interface ServiceLine extends ServiceRow {
  state: ServiceHealth['state'] | undefined;
}

const healthOf = ({ state }: ServiceLine): string => state ?? 'not asked yet';

export const serviceTable: TableSpec<ServiceLine> = {
  columns: [
    { title: 'SERVICE', width: 8 },
    { title: 'STATE', width: 13 },
    { title: 'DRIVER', width: 12, grow: 1 },
    { title: 'VERSION', width: 14, grow: 1 },
  ],
  id: (service) => service.kind,
  text: (service) => `${service.kind} ${healthOf(service)} ${service.driver} ${service.version}`,
  fields: { kind: (service) => service.kind, state: healthOf, driver: (service) => service.driver },
  sort: [(service) => service.kind, healthOf, (service) => service.driver, (service) => service.version],
  cells: (service) => [
    { text: service.kind },
    service.state === undefined ? { text: healthOf(service), tone: 'dim' } : serviceCell(service.state),
    { text: service.driver },
    { text: service.version },
  ],
  empty: 'No services known. Press v to verify this server.',
};

/** A named value of an object. */
export interface Fact {
  name: string;
  value: string;
}

export const factTable: TableSpec<Fact> = {
  columns: [
    { title: 'SETTING', width: 16 },
    { title: 'VALUE', width: 20, grow: 1 },
  ],
  id: (fact) => fact.name,
  text: (fact) => `${fact.name} ${fact.value}`,
  fields: { setting: (fact) => fact.name, value: (fact) => fact.value },
  sort: [(fact) => fact.name, (fact) => fact.value],
  cells: (fact) => [{ text: fact.name, tone: 'dim' }, { text: fact.value }],
  empty: 'Nothing is recorded.',
};

/** The settings of a site; each of its files by its path. */
export const settingTable: TableSpec<Setting> = {
  ...factTable,
  id: ({ name, value, file }) => (file ? value : name),
  cells: ({ name, value, file }) => [
    { text: name, tone: 'dim' },
    file ? { text: value, tone: 'accent' } : { text: value },
  ],
};

/** How long a task has run, in milliseconds; undefined before it starts. */
export function timeOf(task: { startedAt: string | null; endedAt: string | null }, now: number): number | undefined {
  if (task.startedAt === null) return undefined;
  return (task.endedAt === null ? now : Date.parse(task.endedAt)) - Date.parse(task.startedAt);
}

function clockOf(task: TaskLine, now: number): string {
  const time = timeOf(task, now);
  return time === undefined ? '' : formatClock(time);
}
