import type { Inventory } from '../../db/inventory.ts';
import { findPlatform } from '../../db/platforms.ts';
import { siteSchedules } from '../../db/schedules.ts';
import { findSite, type SiteRow } from '../../db/sites.ts';
import type { Json } from '../../provision/model/errors.ts';
import { compareSite, type SiteComparison } from '../../worker/compare.ts';

/** What a site has now of what a task changes, by argument: it is shown beside the questions. */
export function presentAnswers(db: Inventory, type: string, uri: string): Readonly<Record<string, string>> {
  const site = findSite(db, uri);
  const answers = site && presentBy[type]?.(db, site);
  return Object.fromEntries(
    Object.entries(answers ?? {}).flatMap(([name, value]) =>
      value === '' || value === null ? [] : [[name, String(value)]],
    ),
  );
}

type Answers = Record<string, string | number | null | undefined>;

const presentBy: Record<string, (db: Inventory, site: SiteRow) => Answers> = {
  'site.set'(db, site) {
    const { auth, noindex, mail } = site.web as { auth?: { user: string } | null; noindex?: boolean; mail?: string };
    const [cron, backup] = ['site.cron', 'site.backup'].map((type) =>
      siteSchedules(db, site.id).find(({ taskType }) => taskType === type),
    );
    return {
      ...site.php,
      cron: cron?.minutes ?? 0,
      backupHours: (backup?.minutes ?? 0) / 60,
      keep: backup ? Number(backup.args.keep ?? 0) : '',
      noindex: noindex ? 'yes' : 'no',
      authUser: auth?.user ?? 'none',
      mail: mail ?? 'on',
      client: site.client,
    };
  },
  'site.alias': (_db, { aliases }) => ({ add: aliases.join(' '), remove: aliases.join(' ') }),
  'site.redirect': (_db, { web }) => ({
    to: String(web.redirect ?? ''),
    only: ((web.redirected as string[] | null | undefined) ?? []).join(' '),
  }),
};

/** What a task means for a site, beyond what its type says: what changes for it on another platform. */
export function meaningOf(
  db: Inventory,
  type: string,
  uri: string,
  { platform }: Readonly<Record<string, Json>>,
): readonly string[] {
  const [site, to] = [findSite(db, uri), findPlatform(db, String(platform ?? ''))];
  return type === 'site.migrate' && site && to ? compared(compareSite(db, site, to), to.name) : [];
}

function compared({ blocked, changes, notes }: SiteComparison, to: string): string[] {
  const changed = changes.map(({ kind, name, from, to: there, verdict }) =>
    verdict === 'missing'
      ? `  missing    ${kind} ${name} ${from}`
      : `  ${verdict.padEnd(9)}  ${kind} ${name} ${from} → ${there}`,
  );
  return [
    'It moves on a copy of its database, which is updated and tried before visitors see it; for seven days it can go back.',
    '',
    changed.length > 0 ? `What it uses and ${to} has otherwise:` : `All that it uses is the same on ${to}.`,
    ...changed,
    ...blocked.map(({ message }) => `  ${message}`),
    ...notes.map((note) => `  ${note}`),
  ];
}
