import { listPlatforms } from '../db/platforms.ts';
import { listServers } from '../db/servers.ts';
import { listSites } from '../db/sites.ts';
import type { ObjectKind } from '../db/tasks.ts';
import type { Session } from './session.ts';

/** The names of all objects of a kind. */
export function namesOf(session: Session, kind: ObjectKind): string[] {
  const { inventory } = session.root();
  if (kind === 'site') return listSites(inventory).map((site) => site.uri);
  const rows = kind === 'platform' ? listPlatforms(inventory) : listServers(inventory);
  return rows.map((row) => row.name);
}
