import type { Schedule } from '../../db/schedules.ts';
import type { SiteRow } from '../../db/sites.ts';
import type { SiteWeb } from '../../provision/model/context.ts';
import { webNames } from '../../provision/model/site-names.ts';
import type { Data, SiteMore } from '../model/data.ts';
import type { Cell } from '../model/parts.ts';
import { formatAgo, formatBytes, formatDatabase, formatDate, formatIn } from '../text/format.ts';
import { stateCell } from './cells.ts';
import type { Fact, TableSpec } from './table.ts';

/** The settings of the web server that the console shows of a site. */
const webOf = ({ web }: SiteRow): Pick<SiteWeb, 'redirect' | 'redirected' | 'noindex' | 'auth' | 'mail'> => ({
  ...{ redirect: '', redirected: null, noindex: false, auth: null, mail: 'on' },
  ...web,
});

const scheduleOf = ({ schedules }: SiteMore, type: string): Schedule | undefined =>
  schedules.find(({ taskType }) => taskType === type);

const often = ({ minutes }: Schedule): string => (minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`);

/** How often the cron of a site runs, and how its last run ended. */
export function cronCell(more: SiteMore, now: number): Cell {
  const schedule = scheduleOf(more, 'site.cron');
  const how = schedule ? `every ${often(schedule)}` : 'off';
  const last = more.lastCron;
  if (!last) return { text: `${how}, never run`, ...(schedule ? {} : { tone: 'dim' }) };
  const succeeded = last.state === 'succeeded' || last.state === 'queued' || last.state === 'running';
  return {
    text: `${how}, ${last.state} ${formatAgo(last.endedAt ?? last.queuedAt, now)}`,
    ...(succeeded ? {} : { tone: 'warn' }),
  };
}

/** How many backups there are, how old the newest is, and when the next is made. */
export function backupsCell(more: SiteMore, backups: Data['objectBackups'], now: number): Cell {
  const [newest] = backups;
  const schedule = scheduleOf(more, 'site.backup');
  const next = schedule ? `next ${formatIn(schedule.dueAt, now)}` : 'no schedule';
  return { text: newest ? `${backups.length}, newest ${formatAgo(newest.createdAt, now)}, ${next}` : `none, ${next}` };
}

/** A setting, or a file that is generated for the site: its value is the path, and enter opens it. */
export interface Setting extends Fact {
  file?: boolean;
}

/** All settings of a site, and the files that are generated from them. */
export function settingsOf(site: SiteRow, more: SiteMore): Setting[] {
  const { memoryMb, uploadMb, children, timeS } = site.php;
  const { redirect, redirected, noindex, auth, mail } = webOf(site);
  const [cron, backup] = [scheduleOf(more, 'site.cron'), scheduleOf(more, 'site.backup')];
  const { kept } = more;
  const fact = (name: string, value: string): Setting => ({ name, value });
  return [
    ...(more.files?.files ?? []).map(({ what, path }) => ({ name: what, value: path, file: true })),
    fact('title', site.title),
    fact('profile', site.profile),
    fact('language', site.language),
    fact('administrator', `${site.adminName} <${site.adminMail}>`),
    fact('visitors', auth ? `only ${auth.user}, by password` : 'all'),
    fact('search engines', noindex ? 'are told to leave it out' : 'may list it'),
    fact('redirect', redirect === '' ? 'none' : `${redirected?.join(', ') ?? 'all others'} to ${redirect}`),
    fact('mail', mail === 'off' ? 'stays in a file of the site' : 'is sent'),
    fact('cron', cron ? `every ${often(cron)}, next ${formatDate(cron.dueAt)}` : 'off'),
    fact('backups', backup ? `every ${often(backup)}, next ${formatDate(backup.dueAt)}` : 'by hand'),
    fact('goes back to', kept ? `${kept.platform}, until ${formatDate(kept.until)}` : 'nothing is kept'),
    fact('handle', `${site.handle} (user id ${site.uid})`),
    fact('release', String(site.release)),
    fact('database', formatDatabase({ driver: site.databaseDriver, name: site.databaseName })),
    fact('disk', site.diskBytes === null ? 'not measured' : formatBytes(site.diskBytes)),
    fact('PHP memory', `${memoryMb} MB`),
    fact('PHP upload', `${uploadMb} MB`),
    fact('PHP requests', `${children} at once, ${timeS} s each`),
    fact('made', formatDate(site.createdAt)),
    fact('verified', site.verifiedAt === null ? 'never' : formatDate(site.verifiedAt)),
  ];
}

/** A name of a site. */
export interface SiteName {
  name: string;
  kind: 'URI' | 'alias';
  /** The name that visitors are redirected to; '' where the site answers under this one. */
  redirectsTo: string;
}

/** All names of a site, its URI first. */
export function siteNames(site: SiteRow): SiteName[] {
  const { redirect, redirected } = webOf(site);
  const named = { uri: site.uri, aliases: site.aliases, web: { ...site.web, redirect, redirected } as SiteWeb };
  const redirectedNames = new Set(webNames(named).redirected);
  return [site.uri, ...site.aliases].map((name) => ({
    name,
    kind: name === site.uri ? 'URI' : 'alias',
    redirectsTo: redirectedNames.has(name) ? redirect : '',
  }));
}

export const nameTable: TableSpec<SiteName> = {
  columns: [
    { title: 'NAME', width: 20, grow: 2 },
    { title: 'KIND', width: 6 },
    { title: 'VISITORS', width: 20, grow: 2 },
  ],
  id: (one) => one.name,
  text: ({ name, kind, redirectsTo }) => `${name} ${kind} ${redirectsTo}`,
  fields: { name: (one) => one.name, kind: (one) => one.kind, to: (one) => one.redirectsTo },
  sort: [(one) => one.name, (one) => one.kind, (one) => one.redirectsTo],
  cells: ({ name, kind, redirectsTo }) => [
    { text: name },
    { text: kind },
    redirectsTo === '' ? { ...stateCell('enabled'), text: 'see the site' } : { text: `are led to ${redirectsTo}` },
  ],
  empty: 'There is no such site (any more).',
};
