import { type Inventory, now, transact } from './inventory.ts';
import { DEFAULT_CRON_MINUTES, saveSchedule } from './schedules.ts';
import { stateWithDeleting } from './tasks.ts';

/** Stored states; `deleting` is derived from an open task. */
export type SiteState = 'installing' | 'enabled' | 'disabled' | 'failed' | 'deleting';

/** A site with its current release. */
export interface SiteRow {
  id: number;
  uri: string;
  handle: string;
  uid: number;
  aliases: string[];
  platform: string;
  engine: string;
  version: string;
  server: string;
  client: string;
  title: string;
  profile: string;
  language: string;
  adminName: string;
  adminMail: string;
  php: Record<string, number>;
  /** Its settings for visitors; see siteWeb. */
  web: Record<string, unknown>;
  state: SiteState;
  lockReason: string | null;
  release: number;
  databaseDriver: string;
  databaseName: string;
  diskBytes: number | null;
  createdAt: string;
  verifiedAt: string | null;
}

type StoredSite = Omit<SiteRow, 'php' | 'web' | 'aliases'> & { php: string; web: string; aliases: string };

const select = `SELECT site.id, uri.name AS uri, site.handle, handle.uid, platform.name AS platform, platform.engine,
  platform.version, server.name AS server, client.name AS client, site.title, site.profile, site.language,
  site.admin_name AS adminName, site.admin_mail AS adminMail, site.php, site.web, ${stateWithDeleting('site', 'site', 'uri.name')} AS state, site.lock_reason AS lockReason,
  release.number AS release, release.database_driver AS databaseDriver, release.database_name AS databaseName,
  site.disk_bytes AS diskBytes, site.created_at AS createdAt, site.verified_at AS verifiedAt,
  (SELECT json_group_array(name) FROM site_name alias WHERE alias.site_id = site.id AND alias.kind = 'alias') AS aliases
  FROM site
  JOIN site_name uri ON uri.site_id = site.id AND uri.kind = 'uri'
  JOIN handle ON handle.handle = site.handle
  JOIN client ON client.id = site.client_id
  JOIN release ON release.site_id = site.id AND release.state = 'current'
  JOIN platform ON platform.id = release.platform_id
  JOIN server ON server.id = platform.server_id`;

const parse = (row: StoredSite): SiteRow => ({
  ...row,
  php: JSON.parse(row.php) as SiteRow['php'],
  web: JSON.parse(row.web) as SiteRow['web'],
  aliases: JSON.parse(row.aliases) as string[],
});

/** All sites, by URI; of one platform or server if given. */
export function listSites(db: Inventory, of: { platform?: string; server?: string } = {}): SiteRow[] {
  const where = of.platform ? 'WHERE platform.name = +@name' : of.server ? 'WHERE server.name = +@name' : '';
  return db
    .prepare<{ name: string | undefined }, StoredSite>(`${select} ${where} ORDER BY uri.name`)
    .all({ name: of.platform ?? of.server })
    .map(parse);
}

/** The number of a platform's sites, and their sorted URIs, at most `limit` of them. */
export function sitesOn(db: Inventory, platform: string, limit = -1): { count: number; first: string[] } {
  const from = `FROM platform JOIN release ON release.platform_id = platform.id AND release.state = 'current'
    JOIN site_name uri ON uri.site_id = release.site_id AND uri.kind = 'uri' WHERE platform.name = +?`;
  const count = db.prepare<[string], number>(`SELECT count(*) ${from}`).pluck().get(platform) ?? 0;
  const names = db.prepare<[string, number], string>(`SELECT uri.name ${from} ORDER BY uri.name LIMIT +?`).pluck();
  return { count, first: count === 0 ? [] : names.all(platform, limit) };
}

/** A site by its URI, or undefined. */
export function findSite(db: Inventory, uri: string): SiteRow | undefined {
  const row = db.prepare<[string], StoredSite>(`${select} WHERE uri.name = +?`).get(uri);
  return row && parse(row);
}

/** The handle of a site by its URI, or undefined. */
export const siteHandle = (db: Inventory, uri: string): string | undefined =>
  db
    .prepare<[string], string>(
      `SELECT handle FROM site_name JOIN site ON site.id = site_name.site_id WHERE name = +? AND kind = 'uri'`,
    )
    .pluck()
    .get(uri);

/**
 * True while a site is being created, and if an unsuccessful creation could not be undone; a later deletion does not
 * change that.
 */
export const isInMaking = (db: Inventory, id: number): boolean =>
  db.prepare<[number], string>('SELECT state FROM site WHERE id = ?').pluck().get(id) === 'installing';

/** The current URI of a site, by its handle and creation time. */
export const uriByHandle = (db: Inventory, handle: string, createdAt: string): string | undefined =>
  db
    .prepare<[string, string], string>(
      `SELECT uri.name FROM site JOIN site_name uri ON uri.site_id = site.id AND uri.kind = 'uri'
       WHERE site.handle = ? AND site.created_at = ?`,
    )
    .pluck()
    .get(handle, createdAt);

/** The URI of the site that has a name as its URI or an alias. */
export function ownerOfName(db: Inventory, name: string): string | undefined {
  return db
    .prepare<[string], string>(
      `SELECT uri.name FROM site_name named JOIN site_name uri ON uri.site_id = named.site_id AND uri.kind = 'uri'
       WHERE named.name = +?`,
    )
    .pluck()
    .get(name);
}

/** The facts of a new site. */
export interface NewSite {
  uri: string;
  platform: string;
  clientId: number;
  title: string;
  profile: string;
  language: string;
  adminName: string;
  adminMail: string;
  php: Record<string, number>;
  databaseDriver: string;
  handlePrefix: string;
  uidBase: number;
  /** True if the handle or user id is in use on the machine; that number is then skipped permanently. */
  isTaken?: (handle: string, uid: number) => boolean;
  /** Known facts of a site that is recreated. */
  aliases?: string[];
  web?: Record<string, unknown>;
  /** Its estimated size on disk, until it is measured. */
  diskBytes?: number | undefined;
  /** The schedule of its backups. */
  backups?: { hours: number; keep: number };
}

/** Gives a new site a handle that was never used, and creates its row, first release and name. */
export function insertSite(db: Inventory, site: NewSite): { handle: string } {
  return transact(db, () => {
    const at = now();
    let number = nextHandleNumber(db);
    while (site.isTaken?.(`${site.handlePrefix}${number}`, site.uidBase + number)) number += 1;
    const handle = `${site.handlePrefix}${number}`;
    db.prepare('INSERT INTO handle (number, handle, uid, uri, created_at) VALUES (?, ?, ?, ?, ?)').run(
      number,
      handle,
      site.uidBase + number,
      site.uri,
      at,
    );
    const { lastInsertRowid: id } = db
      .prepare(
        `INSERT INTO site (handle, client_id, title, profile, language, admin_name, admin_mail, php, web, disk_bytes, state, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'installing', ?)`,
      )
      .run(
        handle,
        site.clientId,
        site.title,
        site.profile,
        site.language,
        site.adminName,
        site.adminMail,
        JSON.stringify(site.php),
        JSON.stringify(site.web ?? {}),
        site.diskBytes ?? null,
        at,
      );
    db.prepare(`INSERT INTO site_name (name, site_id, kind) VALUES (?, ?, 'uri')`).run(site.uri, id);
    const alias = db.prepare(`INSERT OR IGNORE INTO site_name (name, site_id, kind) VALUES (?, ?, 'alias')`);
    for (const name of site.aliases ?? []) alias.run(name, id);
    db.prepare(
      `INSERT INTO release (site_id, number, platform_id, database_driver, database_name, state, created_at)
       SELECT ?, 1, id, ?, ?, 'current', ? FROM platform WHERE name = ?`,
    ).run(id, site.databaseDriver, `${handle}r1`, at, site.platform);
    saveSchedule(db, Number(id), 'site.cron', { minutes: DEFAULT_CRON_MINUTES });
    if (site.backups) {
      const { hours, keep } = site.backups;
      saveSchedule(db, Number(id), 'site.backup', { minutes: hours * 60, args: { keep } });
    }
    return { handle };
  });
}

/** The changeable columns of a site's own row. A lock reason of null unlocks it. */
export interface SiteChange {
  state?: SiteState | undefined;
  diskBytes?: number | undefined;
  title?: string | undefined;
  php?: Record<string, number> | undefined;
  web?: Record<string, unknown> | undefined;
  clientId?: number | undefined;
  lockReason?: string | null | undefined;
}

/** Changes columns of a site; `verified` also sets the time. */
export function updateSite(db: Inventory, uri: string, change: SiteChange, verified = false): void {
  const { lockReason } = change;
  db.prepare(
    `UPDATE site SET state = coalesce(@state, state), disk_bytes = coalesce(@diskBytes, disk_bytes),
       title = coalesce(@title, title), php = coalesce(@php, php), web = coalesce(@web, web),
       client_id = coalesce(@clientId, client_id),
       lock_reason = CASE WHEN @relock THEN @lockReason ELSE lock_reason END,
       verified_at = coalesce(@verifiedAt, verified_at)
     WHERE id = (SELECT site_id FROM site_name WHERE name = @uri)`,
  ).run({
    state: change.state ?? null,
    diskBytes: change.diskBytes ?? null,
    title: change.title ?? null,
    php: change.php ? JSON.stringify(change.php) : null,
    web: change.web ? JSON.stringify(change.web) : null,
    clientId: change.clientId ?? null,
    relock: lockReason === undefined ? 0 : 1,
    lockReason: lockReason ?? null,
    verifiedAt: verified ? now() : null,
    uri,
  });
}

/**
 * Changes the names of a site. Call it in a transaction. If another site has one of the names, nothing changes and that
 * site's URI is returned.
 */
export function renameSite(db: Inventory, uri: string, names: { uri: string; aliases: string[] }): string | undefined {
  const id = db.prepare<[string], number>('SELECT site_id FROM site_name WHERE name = ?').pluck().get(uri);
  const others = db.prepare<[string], number>('SELECT site_id FROM site_name WHERE name = ?').pluck();
  const taken = [names.uri, ...names.aliases].find((name) => ![undefined, id].includes(others.get(name)));
  if (taken !== undefined) return ownerOfName(db, taken);
  db.prepare('DELETE FROM site_name WHERE site_id = ?').run(id);
  const insert = db.prepare('INSERT INTO site_name (name, site_id, kind) VALUES (?, ?, ?)');
  insert.run(names.uri, id, 'uri');
  for (const alias of new Set(names.aliases)) if (alias !== names.uri) insert.run(alias, id, 'alias');
  // Its past and waiting tasks follow the new name.
  db.prepare(`UPDATE task SET object_name = ? WHERE object_kind = 'site' AND object_name = ?`).run(names.uri, uri);
  db.prepare('UPDATE backup SET uri = ? WHERE uri = ?').run(names.uri, uri);
  return undefined;
}

/** Removes a site's row with its names, releases and packages. Its handle is never reused. */
export function removeSite(db: Inventory, uri: string): void {
  db.prepare('DELETE FROM site WHERE id = (SELECT site_id FROM site_name WHERE name = ?)').run(uri);
}

// AUTOINCREMENT's own counter, so that the number is known before the row that needs it.
function nextHandleNumber(db: Inventory): number {
  const last = db.prepare<[], number>(`SELECT seq FROM sqlite_sequence WHERE name = 'handle'`).pluck().get();
  return (last ?? 0) + 1;
}
