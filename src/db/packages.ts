import { type Inventory, transact } from './inventory.ts';

/** A module, theme or plugin of a platform or a site. */
export interface PackageRow {
  kind: string;
  name: string;
  title: string;
  version: string;
}

type Owner = { platformId: number } | { siteId: number };

/** The packages of a platform or site, by kind and name. */
export function listPackages(db: Inventory, owner: Owner): PackageRow[] {
  const [column, id] = ownerColumn(owner);
  return db
    .prepare<[number], PackageRow>(
      `SELECT kind, name, title, version FROM package WHERE ${column} = ? ORDER BY kind, name`,
    )
    .all(id);
}

/** Replaces the packages of a platform or site. */
export function savePackages(db: Inventory, owner: Owner, packages: PackageRow[]): void {
  const [column, id] = ownerColumn(owner);
  transact(db, () => {
    db.prepare(`DELETE FROM package WHERE ${column} = ?`).run(id);
    const insert = db.prepare(`INSERT INTO package (${column}, kind, name, title, version) VALUES (?, ?, ?, ?, ?)`);
    for (const { kind, name, title, version } of packages) insert.run(id, kind, name, title, version);
  });
}

const ownerColumn = (owner: Owner): ['platform_id' | 'site_id', number] =>
  'platformId' in owner ? ['platform_id', owner.platformId] : ['site_id', owner.siteId];
