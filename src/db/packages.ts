import { type Inventory, transact } from './inventory.ts';

/** A module, theme or plugin of a platform or a site. */
export interface PackageRow {
  kind: string;
  name: string;
  title: string;
  version: string;
  /** True if the package belongs to the site, not to its platform. */
  own?: boolean | undefined;
}

type Owner = { platformId: number } | { siteId: number };

/** The packages of a platform or site, by kind and name. */
export function listPackages(db: Inventory, owner: Owner): PackageRow[] {
  const [column, id] = ownerColumn(owner);
  return db
    .prepare<[number], Omit<PackageRow, 'own'> & { own: number }>(
      `SELECT kind, name, title, version, own FROM package WHERE ${column} = ? ORDER BY kind, name`,
    )
    .all(id)
    .map(({ own, ...row }) => (own === 1 ? { ...row, own: true } : row));
}

/** Packages of which another ready platform of the CMS has another version, each with that version and platform. */
export const packagesElsewhere = (
  db: Inventory,
  { id, engine }: { id: number; engine: string },
): (Pick<PackageRow, 'kind' | 'name' | 'version'> & { platform: string })[] =>
  db
    .prepare<{ id: number; engine: string }, Pick<PackageRow, 'kind' | 'name' | 'version'> & { platform: string }>(
      `SELECT other.kind, other.name, other.version, platform.name AS platform
       FROM platform CROSS JOIN package other ON other.platform_id = platform.id
       JOIN package own ON own.kind = other.kind AND own.name = other.name AND own.version <> other.version
       WHERE platform.engine = @engine AND platform.id <> @id AND platform.state = 'ready' AND own.platform_id = @id
       ORDER BY platform.name`,
    )
    .all({ id, engine });

/** True if the packages of a site are known. */
export const knowsPackages = (db: Inventory, siteId: number): boolean =>
  db.prepare('SELECT 1 FROM package WHERE site_id = ? LIMIT 1').get(siteId) !== undefined;

/** A package that a site uses, with its version on another platform; null if that platform lacks it. */
export type ChangedPackage = Omit<PackageRow, 'own'> & { there: string | null };

/**
 * The packages that a site uses from its own platform (`from`) and that another one (`to`) lacks or has in another
 * version, by kind and name.
 */
export const packagesThatDiffer = (db: Inventory, siteId: number, from: number, to: number): ChangedPackage[] =>
  db
    .prepare<[number, number, number], ChangedPackage>(
      `SELECT used.kind, used.name, used.title, used.version, there.version AS there
       FROM package used
       LEFT JOIN package there ON there.platform_id = +? AND there.kind = used.kind AND there.name = used.name
       WHERE used.site_id = +? AND used.own = 0 AND there.version IS NOT used.version
         AND EXISTS (SELECT 1 FROM package given
           WHERE given.platform_id = +? AND given.kind = used.kind AND given.name = used.name)
       ORDER BY used.kind, used.name`,
    )
    .all(to, siteId, from);

/** Replaces the packages of a platform or site; a site is marked as changed. */
export function savePackages(db: Inventory, owner: Owner, packages: PackageRow[]): void {
  const [column, id] = ownerColumn(owner);
  transact(db, () => {
    if ('siteId' in owner)
      db.prepare(`INSERT INTO site_change (uri) SELECT name FROM site_name WHERE site_id = ? AND kind = 'uri'`).run(id);
    db.prepare(`DELETE FROM package WHERE ${column} = ?`).run(id);
    const insert = db.prepare(
      `INSERT INTO package (${column}, kind, name, title, version, own) VALUES (?, ?, ?, ?, ?, ?)`,
    );
    for (const { kind, name, title, version, own } of packages) insert.run(id, kind, name, title, version, own ? 1 : 0);
  });
}

const ownerColumn = (owner: Owner): ['platform_id' | 'site_id', number] =>
  'platformId' in owner ? ['platform_id', owner.platformId] : ['site_id', owner.siteId];
