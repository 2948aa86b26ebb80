import { type Inventory, now, transact } from './inventory.ts';

/** A service row, with its settings parsed. */
export interface ServiceRow {
  kind: string;
  driver: string;
  version: string;
  settings: Record<string, unknown>;
}

/** A server with its services. */
export interface ServerRow {
  id: number;
  name: string;
  handlePrefix: string;
  uidBase: number;
  webUser: string;
  createdAt: string;
  verifiedAt: string | null;
  services: ServiceRow[];
}

const columns = `id, name, handle_prefix AS handlePrefix, uid_base AS uidBase, web_user AS webUser,
  created_at AS createdAt, verified_at AS verifiedAt`;

/** All servers, by name. */
export function listServers(db: Inventory): ServerRow[] {
  return db.prepare<[], ServerRow>(`SELECT ${columns} FROM server ORDER BY name`).all().map(withServices(db));
}

/** A server by name, or undefined. */
export function findServer(db: Inventory, name: string): ServerRow | undefined {
  const row = db.prepare<[string], ServerRow>(`SELECT ${columns} FROM server WHERE name = ?`).get(name);
  return row && withServices(db)(row);
}

/** Records a server and its services, replacing its previous facts. */
export function saveServer(
  db: Inventory,
  server: Pick<ServerRow, 'name' | 'handlePrefix' | 'uidBase' | 'webUser' | 'services'>,
): void {
  transact(db, () => {
    db.prepare(
      `INSERT INTO server (name, handle_prefix, uid_base, web_user, created_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET handle_prefix = excluded.handle_prefix, uid_base = excluded.uid_base,
         web_user = excluded.web_user`,
    ).run(server.name, server.handlePrefix, server.uidBase, server.webUser, now());
    saveServices(db, server.name, server.services);
  });
}

/** Replaces the services of a server. */
export function saveServices(db: Inventory, name: string, services: ServiceRow[]): void {
  transact(db, () => {
    db.prepare('DELETE FROM service WHERE server_id = (SELECT id FROM server WHERE name = ?)').run(name);
    const insert = db.prepare(
      `INSERT INTO service (server_id, kind, driver, version, settings)
       SELECT id, ?, ?, ?, ? FROM server WHERE name = ?`,
    );
    for (const { kind, driver, version, settings } of services) {
      insert.run(kind, driver, version, JSON.stringify(settings), name);
    }
  });
}

/** Records that a server was verified now. */
export function markServerVerified(db: Inventory, name: string): void {
  db.prepare('UPDATE server SET verified_at = ? WHERE name = ?').run(now(), name);
}

const withServices =
  (db: Inventory) =>
  (server: ServerRow): ServerRow => ({
    ...server,
    services: db
      .prepare<[number], Omit<ServiceRow, 'settings'> & { settings: string }>(
        'SELECT kind, driver, version, settings FROM service WHERE server_id = ? ORDER BY kind, id',
      )
      .all(server.id)
      .map((service) => ({ ...service, settings: JSON.parse(service.settings) as Record<string, unknown> })),
  });
