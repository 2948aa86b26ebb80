import { type Inventory, now, transact } from './inventory.ts';

/** A release to which a site can be rolled back. `until` is ISO 8601 UTC. */
export interface KeptRelease {
  number: number;
  database: string;
  platform: string;
  until: string;
  /** The URI that its content uses. */
  uri: string;
  address: string;
}

/** The release to which a site can be rolled back; there is at most one. */
export const keptRelease = (db: Inventory, siteId: number): KeptRelease | undefined =>
  db
    .prepare<[number], KeptRelease>(
      `SELECT release.number, database_name AS database, platform.name AS platform, kept_until AS until,
         release.uri, release.address
       FROM release JOIN platform ON platform.id = release.platform_id WHERE site_id = +? AND release.state = 'kept'`,
    )
    .get(siteId);

/** The URIs of sites that can be rolled back to a platform. */
export const sitesKeptOn = (db: Inventory, platform: string): string[] =>
  db
    .prepare<[string], string>(
      `SELECT uri.name FROM release JOIN platform ON platform.id = release.platform_id
       JOIN site_name uri ON uri.site_id = release.site_id AND uri.kind = 'uri'
       WHERE release.state = 'kept' AND platform.name = ? ORDER BY uri.name`,
    )
    .pluck()
    .all(platform);

/** The URIs of sites whose kept release has expired. */
export const sitesToForget = (db: Inventory, at: string): string[] =>
  db
    .prepare<[string], string>(
      `SELECT uri.name FROM release JOIN site_name uri ON uri.site_id = release.site_id AND uri.kind = 'uri'
       WHERE release.state = 'kept' AND kept_until <= ?`,
    )
    .pluck()
    .all(at);

/** Removes the record of a site's kept release. */
export function forgetRelease(db: Inventory, siteId: number): void {
  db.prepare(`DELETE FROM release WHERE site_id = ? AND state = 'kept'`).run(siteId);
}

/**
 * Makes another release the current one of a site. The previous one is kept until `keepUntil`, and replaces an older
 * kept one; without `keepUntil` it is removed, and an older kept one stays.
 */
export function switchRelease(
  db: Inventory,
  siteId: number,
  release: { number: number; database: string; platform: string },
  keepUntil?: string,
): void {
  transact(db, () => {
    const driver = db
      .prepare<[number], string>(`SELECT database_driver FROM release WHERE site_id = ? AND state = 'current'`)
      .pluck()
      .get(siteId);
    if (keepUntil === undefined) {
      db.prepare(`DELETE FROM release WHERE site_id = ? AND state = 'current'`).run(siteId);
    } else {
      forgetRelease(db, siteId);
      db.prepare(
        `UPDATE release SET state = 'kept', kept_until = ?, (uri, address) =
           (SELECT name, coalesce(nullif(web ->> '$.redirect', ''), name)
            FROM site JOIN site_name ON site_name.site_id = site.id AND kind = 'uri' WHERE site.id = release.site_id)
         WHERE site_id = ? AND state = 'current'`,
      ).run(keepUntil, siteId);
    }
    db.prepare(
      `INSERT INTO release (site_id, number, platform_id, database_driver, database_name, state, created_at)
       SELECT ?, ?, id, ?, ?, 'current', ? FROM platform WHERE name = ?`,
    ).run(siteId, release.number, driver, release.database, now(), release.platform);
  });
}
