import { listSiteNames } from '../db/lists.ts';
import { listPlatforms } from '../db/platforms.ts';
import { listServers } from '../db/servers.ts';
import { findSite } from '../db/sites.ts';
import type { ObjectKind } from '../db/tasks.ts';
import { canonicalUri } from '../provision/model/uri.ts';
import { noSuchObject } from './objects.ts';
import type { Session } from './session.ts';

/** The names of all objects of a kind. */
export function objectNames(session: Session, kind: ObjectKind): string[] {
  const { inventory } = session.root();
  if (kind === 'site') return listSiteNames(inventory);
  const rows = kind === 'platform' ? listPlatforms(inventory) : listServers(inventory);
  return rows.map((row) => row.name);
}

/** The canonical URI of an existing site. Throws `NO_SUCH_OBJECT` with the nearest names. */
export function knownSite(session: Session, typed: string): string {
  const uri = canonicalUri(typed);
  if (findSite(session.root().inventory, uri)) return uri;
  throw noSuchObject('site', typed, objectNames(session, 'site'));
}
