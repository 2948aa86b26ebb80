import type { PackageRow } from '../../db/packages.ts';
import type { ServiceRow } from '../../db/servers.ts';
import type { PackageLine } from '../../worker/compare.ts';
import { logPageName, type SiteLog } from '../model/log.ts';
import type { ServiceHealth } from '../model/state.ts';
import { formatAgo, formatBytes } from '../text/format.ts';
import { serviceCell } from './cells.ts';
import type { Setting } from './site-facts.ts';
import type { Fact, TableSpec } from './table.ts';

const packageColumns = [
  { title: 'KIND', width: 8 },
  { title: 'NAME', width: 16, grow: 1 },
  { title: 'VERSION', width: 12 },
];
const titleColumn = { title: 'TITLE', width: 16, grow: 2, drop: 1 };
export const packageTable: TableSpec<PackageRow> = {
  columns: [...packageColumns, titleColumn],
  id: (item) => `${item.kind} ${item.name}`,
  text: (item) => `${item.kind} ${item.name} ${item.version} ${item.title}`,
  fields: { kind: (item) => item.kind, name: (item) => item.name, version: (item) => item.version },
  sort: [(item) => item.kind, (item) => item.name, (item) => item.version, (item) => item.title],
  cells: (item) => [{ text: item.kind }, { text: item.name }, { text: item.version }, { text: item.title }],
  empty: 'No packages known. Press v to verify: it looks at the code and records what is there.',
};

const newerOf = ({ newer }: PackageLine): string => (newer ? `${newer.version} on ${newer.platform}` : '');

/** The packages of a platform, with newer versions on other platforms of its CMS. */
export const platformPackageTable: TableSpec<PackageLine> = {
  ...packageTable,
  columns: [...packageColumns, { title: 'NEWER', width: 13, grow: 1 }, titleColumn],
  text: (item) => `${packageTable.text(item)} ${newerOf(item)}`,
  fields: { ...packageTable.fields, newer: newerOf },
  sort: [(item) => item.kind, (item) => item.name, (item) => item.version, newerOf, (item) => item.title],
  cells: (item) => [
    { text: item.kind },
    { text: item.name },
    { text: item.version },
    item.newer ? { text: newerOf(item), tone: 'warn' } : { text: '–', tone: 'dim' },
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

/** A service with its state when it was probed last; undefined before that. */
export interface ServiceLine extends ServiceRow {
  id: string;
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
  id: (service) => service.id,
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

/** The settings of a site. Rows of generated files have the path as id. */
export const settingTable: TableSpec<Setting> = {
  ...factTable,
  id: ({ name, value, file }) => (file ? value : name),
  cells: ({ name, value, file }) => [
    { text: name, tone: 'dim' },
    file ? { text: value, tone: 'accent', path: true } : { text: value },
  ],
};
