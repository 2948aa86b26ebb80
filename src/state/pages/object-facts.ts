import { sitesOnPlatform } from '../../db/platforms.ts';
import type { SiteRow } from '../../db/sites.ts';
import { newestAttempts } from '../model/attempts.ts';
import type { Cell } from '../model/parts.ts';
import { type ConsoleState, currentPage } from '../model/state.ts';
import { stateCell } from '../tables/cells.ts';
import { backupsCell, cronCell } from '../tables/site-facts.ts';
import { formatAgo, formatBytes } from '../text/format.ts';

/** A named value in the head of an object's page. */
export interface HeadFact {
  name: string;
  cell: Cell;
}

/** What stands above the tabs of an object's page: rows of facts; a sentence when the object is gone. */
export function objectFacts(state: ConsoleState): HeadFact[][] | string {
  const { kind, name } = currentPage(state);
  if (kind === 'site') return siteFacts(state) ?? `There is no site ${name} (any more). Its tasks are kept.`;
  if (kind === 'platform')
    return platformFacts(state) ?? `There is no platform ${name} (any more). Its tasks are kept.`;
  if (kind === 'compare') return compareFacts(state) ?? `Not both of these are platforms (any more): ${name}.`;
  if (kind === 'batch') return batchFacts(state) ?? `There is no batch ${name}.`;
  return serverFacts(state) ?? `There is no server ${name}.`;
}

const text = (name: string, value: string): HeadFact => ({ name, cell: { text: value } });
const lockFact = (reason: string | null): HeadFact[] =>
  reason === null ? [] : [{ name: 'locked', cell: { text: reason, tone: 'warn' } }];

function siteFacts(state: ConsoleState): HeadFact[][] | undefined {
  const { pages, now, data } = state;
  const { site, siteMore, objectBackups } = data;
  if (!site || site.uri !== pages.at(-1)?.name) return undefined;
  return [
    [
      { name: 'state', cell: stateCell(site.state) },
      text('platform', site.platform),
      text('client', site.client),
      ...lockFact(site.lockReason),
    ],
    [
      text('title', site.title),
      text('database', site.databaseDriver === 'sqlite' ? 'a file' : site.databaseName),
      ...(siteMore.kept ? [text('goes back to', siteMore.kept.platform)] : []),
    ],
    [
      addressFact(state, site),
      text('disk', site.diskBytes === null ? 'not measured' : formatBytes(site.diskBytes)),
      text('verified', formatAgo(site.verifiedAt, now)),
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
    return text('address', uri);
  }
}

function platformFacts({ data: { platform }, pages, now }: ConsoleState): HeadFact[][] | undefined {
  if (!platform || platform.name !== pages.at(-1)?.name) return undefined;
  return [
    [
      { name: 'state', cell: stateCell(platform.state) },
      text('CMS', `${platform.engine} ${platform.version}`.trim() || 'not known yet'),
      text('sites', sitesOnPlatform(platform)),
      ...lockFact(platform.lockReason),
    ],
    [text('folder', platform.root), text('source', platform.source)],
    [
      text('profiles', platform.profiles.map((profile) => profile.name).join(', ') || 'none'),
      text('verified', formatAgo(platform.verifiedAt, now)),
    ],
  ];
}

function compareFacts({ data: { comparison } }: ConsoleState): HeadFact[][] | undefined {
  if (!comparison) return undefined;
  const { sites, packages } = comparison;
  const ready = sites.filter(({ verdict }) => verdict === 'ready').length;
  const blocked = sites.length - ready;
  const count = (verdict: string): string => String(packages.filter((one) => one.verdict === verdict).length);
  return [
    [
      { name: 'can move', cell: { text: String(ready), tone: ready > 0 ? 'good' : 'plain' } },
      { name: 'blocked', cell: { text: String(blocked), tone: blocked > 0 ? 'bad' : 'plain' } },
    ],
    [
      text('same', count('same')),
      text('upgrades', count('upgrade')),
      text('downgrades', count('downgrade')),
      text('missing', count('missing')),
      text('new', count('new')),
    ],
    [text('m on Moves', 'moves all that can, or what is marked')],
  ];
}

function batchFacts({ data: { batch, objectTasks } }: ConsoleState): HeadFact[][] | undefined {
  if (objectTasks.length === 0) return undefined;
  const tasks = newestAttempts(objectTasks);
  const count = (...states: string[]): number => tasks.filter(({ state }) => states.includes(state)).length;
  const [failed, open] = [count('failed', 'cancelled'), count('queued', 'running', 'interrupted')];
  const done = tasks.length - open;
  return [
    [
      { name: 'ended', cell: { text: `${done} of ${tasks.length}`, tone: open === 0 ? 'good' : 'busy' } },
      text('running', String(count('running'))),
      text('waiting', String(count('queued'))),
      { name: 'failed', cell: { text: String(failed), tone: failed > 0 ? 'bad' : 'plain' } },
    ],
    batch
      ? [text('at once', String(batch.atOnce)), text('at a failure', batch.stopOnFailure ? 'the rest ends' : 'goes on')]
      : [],
  ];
}

function serverFacts({ data, pages, now, hostName, machine }: ConsoleState): HeadFact[][] | undefined {
  const server = data.servers.find((candidate) => candidate.name === pages.at(-1)?.name);
  if (!server) return undefined;
  return [
    [
      text('machine', hostName),
      text('sites', String(data.counts.sites)),
      text('platforms', String(data.counts.platforms)),
    ],
    [text('web server user', server.webUser), text('handles', `${server.handlePrefix}1, ${server.handlePrefix}2, …`)],
    [...machineFacts(machine), text('verified', formatAgo(server.verifiedAt, now))],
  ];
}

/** What is left of the disk, and how busy the machine is; marked where that will be felt. */
function machineFacts(machine: ConsoleState['machine']): HeadFact[] {
  if (!machine) return [];
  const { disk, load, cpus } = machine;
  const little = disk.freeBytes < disk.totalBytes / 20;
  const busy = (load[0] ?? 0) > cpus * 2;
  const [free, total] = [formatBytes(disk.freeBytes), formatBytes(disk.totalBytes)];
  return [
    { name: 'disk', cell: { text: `${free} of ${total} free`, tone: little ? 'bad' : 'plain' } },
    {
      name: 'load',
      cell: { text: `${load.map((part) => part.toFixed(2)).join(' ')} (${cpus} CPUs)`, tone: busy ? 'warn' : 'plain' },
    },
  ];
}
