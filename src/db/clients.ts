import { type Inventory, now } from './inventory.ts';

/** The client of sites for which none is given. */
export const DEFAULT_CLIENT = 'admin';

/** An owner of sites, with its usage and quotas. A quota of null means none. */
export interface ClientRow {
  id: number;
  name: string;
  mail: string;
  maxSites: number | null;
  maxDiskBytes: number | null;
  sites: number;
  /** As last measured by the tasks of the sites. */
  diskBytes: number;
  createdAt: string;
}

const select = `SELECT client.id, client.name, mail, max_sites AS maxSites, max_disk_bytes AS maxDiskBytes,
  count(site.id) AS sites, coalesce(sum(site.disk_bytes), 0) AS diskBytes, client.created_at AS createdAt
  FROM client LEFT JOIN site ON site.client_id = client.id`;

/** The id of a client by name; creates the default client if it is requested and missing. */
export function clientId(db: Inventory, name: string): number | undefined {
  const find = db.prepare<[string], number>('SELECT id FROM client WHERE name = ?').pluck();
  const id = find.get(name);
  if (id !== undefined || name !== DEFAULT_CLIENT) return id;
  insertClient(db, { name, mail: '', maxSites: null, maxDiskBytes: null });
  return find.get(name);
}

/** All clients, by name. */
export const listClients = (db: Inventory): ClientRow[] =>
  db.prepare<[], ClientRow>(`${select} GROUP BY client.id ORDER BY client.name`).all();

/** A client by name, or undefined. */
export const findClient = (db: Inventory, name: string): ClientRow | undefined =>
  db.prepare<[string], ClientRow>(`${select} WHERE client.name = +? GROUP BY client.id`).get(name);

/** The editable fields of a client. */
export type ClientFacts = Pick<ClientRow, 'name' | 'mail' | 'maxSites' | 'maxDiskBytes'>;

/** Creates a client whose name is free. */
export function insertClient(db: Inventory, { name, mail, maxSites, maxDiskBytes }: ClientFacts): void {
  db.prepare('INSERT INTO client (name, mail, max_sites, max_disk_bytes, created_at) VALUES (?, ?, ?, ?, ?)').run(
    name,
    mail,
    maxSites,
    maxDiskBytes,
    now(),
  );
}

/** Changes a client. Sites refer to clients by id, so a new name needs no other change. */
export function updateClient(db: Inventory, of: string, { name, mail, maxSites, maxDiskBytes }: ClientFacts): void {
  db.prepare('UPDATE client SET name = ?, mail = ?, max_sites = ?, max_disk_bytes = ? WHERE name = ?').run(
    name,
    mail,
    maxSites,
    maxDiskBytes,
    of,
  );
}

/** Removes a client that has no sites. */
export function removeClient(db: Inventory, name: string): void {
  db.prepare('DELETE FROM client WHERE name = ?').run(name);
}

/** The URIs of a client's sites, in order. */
export const sitesOfClient = (db: Inventory, id: number): string[] =>
  db
    .prepare<[number], string>(
      `SELECT uri.name FROM site JOIN site_name uri ON uri.site_id = site.id AND uri.kind = 'uri'
       WHERE client_id = ? ORDER BY uri.name`,
    )
    .pluck()
    .all(id);
