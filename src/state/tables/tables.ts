import type { ClientLine, TaskLine } from '../../db/lists.ts';
import type { PlatformLine } from '../../db/platforms.ts';
import type { ServerRow } from '../../db/servers.ts';
import type { Cell } from '../model/parts.ts';
import { formatAgo, formatBytes, formatClock } from '../text/format.ts';
import { serviceCell, stateCell, taskCell, verbOf, withLock } from './cells.ts';
import type { CellContext, TableSpec } from './table.ts';

export const platformTable: TableSpec<PlatformLine> = {
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
    withLock(platform.lockReason !== null, stateCell(platform.state)),
    { text: String(platform.sites) },
    { text: formatAgo(platform.verifiedAt, around.now) },
    around.lastTask(platform.name),
  ],
  empty: 'No platforms yet. n adds one: the code that sites run on.',
};

export const serverTable: TableSpec<ServerRow> = {
  columns: [
    { title: 'NAME', width: 16, grow: 1 },
    { title: 'STATE', width: 17 },
    { title: 'SERVICES', width: 18, grow: 3 },
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
    { title: 'QUEUED', width: 8, drop: 3 },
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

/** The state of the services of this machine; one that does not run is named. */
function servicesCell(services: CellContext['services']): Cell {
  const down = services.filter(({ state }) => state !== 'running');
  if (services.length === 0) return { text: 'not asked yet', tone: 'dim' };
  const [first] = down;
  if (!first) return serviceCell('running');
  return serviceCell(first.state, down.length > 1 ? `${down.length} do not run` : `${first.name} ${first.state}`);
}

/** How long a task has run, in milliseconds; undefined before it starts. */
export function timeOf(task: { startedAt: string | null; endedAt: string | null }, now: number): number | undefined {
  if (task.startedAt === null) return undefined;
  return (task.endedAt === null ? now : Date.parse(task.endedAt)) - Date.parse(task.startedAt);
}

function clockOf(task: TaskLine, now: number): string {
  const time = timeOf(task, now);
  return time === undefined ? '' : formatClock(time);
}

/** What a client uses, and its quota. */
const ofQuota = (has: string, quota: string | undefined): string => (quota === undefined ? has : `${has} of ${quota}`);
