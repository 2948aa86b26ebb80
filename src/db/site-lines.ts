import type { Inventory } from './inventory.ts';

/** A site as a row of a list: only what a row shows, so that tens of thousands can be read at once. */
export interface SiteLine {
  uri: string;
  platform: string;
  client: string;
  state: 'installing' | 'enabled' | 'disabled' | 'failed' | 'deleting';
  locked: boolean;
  /** When its newest backup was made, in seconds; 0 without one. */
  backupAt: number;
  /** When that backup becomes too old for its schedule, in seconds; 0 without a schedule. */
  backupLateAt: number;
}

/** Which sites to read. */
interface Wanted {
  platform?: string | undefined;
  /** How many at most. */
  limit?: number;
  /** Only these URIs. */
  uris?: readonly string[];
}

/** Sites as rows, by URI. */
export function listSiteLines(db: Inventory, only: Wanted = {}): SiteLine[] {
  const from = only.uris
    ? 'json_each(@uris) wanted CROSS JOIN site_name uri ON uri.name = wanted.value'
    : 'site_name uri';
  const rows = db
    .prepare<unknown[], [string, string, string, SiteLine['state'], number, number, number]>(
      `SELECT uri.name, platform.name, client.name, site.state, site.lock_reason IS NOT NULL,
         coalesce((SELECT unixepoch(max(created_at)) FROM backup WHERE backup.uri = uri.name), 0) AS backup_at,
         CASE WHEN schedule.minutes IS NULL THEN 0 ELSE schedule.minutes * ${LATE} + coalesce(
           (SELECT unixepoch(max(created_at)) FROM backup WHERE backup.uri = uri.name),
           unixepoch(site.created_at) + schedule.minutes * 60) END
       FROM ${from} CROSS JOIN site ON site.id = uri.site_id
       JOIN client ON client.id = site.client_id
       JOIN release ON release.site_id = site.id AND release.state = 'current'
       JOIN platform ON platform.id = release.platform_id
       LEFT JOIN schedule ON schedule.site_id = site.id AND schedule.task_type = 'site.backup'
       WHERE uri.kind = 'uri' AND (@platform IS NULL OR platform.name = @platform) ORDER BY uri.name LIMIT @limit`,
    )
    .raw()
    .all({
      platform: only.platform ?? null,
      limit: only.limit ?? -1,
      ...(only.uris ? { uris: JSON.stringify(only.uris) } : {}),
    });
  const going = namesBeingDeleted(db, only.uris);
  return rows.map(([uri, on, client, state, locked, backupAt, backupLateAt]) => ({
    uri,
    platform: on,
    client,
    state: going.has(uri) ? 'deleting' : state,
    locked: locked === 1,
    backupAt,
    backupLateAt,
  }));
}

/**
 * Seconds per minute of a schedule after which a backup is late: 10 % more than the interval, as a backup takes time.
 */
const LATE = 66;

/** All sites, or those of one platform, at a revision. */
export interface SiteList {
  platform: string | undefined;
  /** The revision of the inventory's site changes; -1 if not all sites were read. */
  revision: number;
  /** Sorted by URI. */
  lines: SiteLine[];
  /**
   * The list from which it was made. `was` is set if no site was added or removed: it has the old rows of changed
   * sites, and `lines` is the same array, since copying very many is expensive.
   */
  from?: { revision: number; lines: readonly SiteLine[]; was?: ReadonlyMap<number, SiteLine> };
}

/**
 * Updates a list, which must not be used afterwards: reads the sites that have changed since, or all if the changed
 * ones are unknown.
 */
export function refreshSites(db: Inventory, old: SiteList, platform?: string): SiteList {
  const { revision, uris } = sitesChanged(db, old.revision);
  if (old.platform !== platform || !uris) return { platform, revision, lines: listSiteLines(db, { platform }) };
  if (old.revision === revision) return old;
  const found = new Map(listSiteLines(db, { platform, uris }).map((line) => [line.uri, line]));
  const { lines } = old;
  if (uris.every((uri) => hasAt(lines, placeOf(lines, uri), uri) === found.has(uri))) {
    const was = new Map<number, SiteLine>();
    for (const line of found.values()) {
      const place = placeOf(lines, line.uri);
      for (const before of lines.splice(place, 1, line)) was.set(place, before);
    }
    return { platform, revision, lines, from: { revision: old.revision, lines, was } };
  }
  const others = [...lines];
  for (const uri of uris) {
    const [place, line] = [placeOf(others, uri), found.get(uri)];
    others.splice(place, hasAt(others, place, uri) ? 1 : 0, ...(line ? [line] : []));
  }
  return { platform, revision, lines: others, from: { revision: old.revision, lines } };
}

const hasAt = (lines: readonly SiteLine[], place: number, uri: string): boolean => lines[place]?.uri === uri;

/**
 * The current revision of the sites, and the URIs of those that have changed since another; `uris` is undefined if too
 * many have changed to be known.
 */
export function sitesChanged(db: Inventory, since: number): { revision: number; uris: string[] | undefined } {
  const revision = siteRevision(db, 'max');
  if (since === revision) return { revision, uris: [] };
  if (since < siteRevision(db, 'min') - 1) return { revision, uris: undefined };
  const changed = db.prepare<[number], string>('SELECT DISTINCT uri FROM site_change WHERE revision > ?').pluck();
  return { revision, uris: changed.all(since) };
}

/** Increases whenever a row of the list of sites may change. */
const siteRevision = (db: Inventory, which: 'min' | 'max'): number =>
  db.prepare<[], number>(`SELECT ${which}(revision) FROM site_change`).pluck().get() ?? 0;

/** The index of a site's row, or where it would be inserted. */
function placeOf(lines: readonly SiteLine[], uri: string): number {
  let [from, to] = [0, lines.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((lines[middle]?.uri ?? '') < uri) from = middle + 1;
    else to = middle;
  }
  return from;
}

function namesBeingDeleted(db: Inventory, uris?: readonly string[]): Set<string> {
  const deletes = `task.type = 'site.delete' AND task.state IN ('queued', 'running', 'interrupted')`;
  // For a few sites only their own tasks are queried, not the whole queue.
  const sql = uris
    ? `SELECT value FROM json_each(?) wanted WHERE EXISTS (SELECT 1 FROM task INDEXED BY task_object
         WHERE object_kind = 'site' AND object_name = wanted.value AND ${deletes})`
    : `SELECT object_name FROM task WHERE ? IS NULL AND ${deletes}`;
  return new Set(
    db
      .prepare<[string | null], string>(sql)
      .pluck()
      .all(uris ? JSON.stringify(uris) : null),
  );
}
