import { type Inventory, now } from './inventory.ts';

/** Who a site belongs to when nobody is named. */
export const DEFAULT_CLIENT = 'admin';

/** A client by name, as an id; makes the default one when it is asked for and missing. */
export function clientId(db: Inventory, name: string): number | undefined {
  const find = db.prepare<[string], number>('SELECT id FROM client WHERE name = ?').pluck();
  const id = find.get(name);
  if (id !== undefined || name !== DEFAULT_CLIENT) return id;
  db.prepare('INSERT INTO client (name, created_at) VALUES (?, ?)').run(name, now());
  return find.get(name);
}
