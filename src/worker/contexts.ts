import { listBackups } from '../db/backups.ts';
import { findClient } from '../db/clients.ts';
import type { Inventory } from '../db/inventory.ts';
import { findPlatform, type PlatformRow } from '../db/platforms.ts';
import { keptRelease } from '../db/releases.ts';
import { siteSchedules } from '../db/schedules.ts';
import { findServer, type ServerRow } from '../db/servers.ts';
import { findSite, isInMaking, listSites, type SiteRow, sitesOn } from '../db/sites.ts';
import { type ObjectKind, taskWithBackup } from '../db/tasks.ts';
import {
  type PlatformContext,
  phpLimits,
  type ServerContext,
  type SiteContext,
  siteWeb,
  withPhp,
} from '../provision/model/context.ts';
import { AegirError } from '../provision/model/errors.ts';
import { canonicalUri } from '../provision/model/uri.ts';
import type { GoingBackups, TaskContexts } from '../provision/tasks/model/task.ts';

/** The context of an object for a task: plain JSON. Throws `OBJECT_GONE` if it is not in the inventory. */
export function contextOf(
  db: Inventory,
  root: string,
  kind: ObjectKind,
  name: string,
  args: Record<string, unknown> = {},
): TaskContexts[ObjectKind] {
  if (kind === 'server') {
    const server = serverContextOf(db, root, name);
    // A site that is being created may have no user yet, and its own task writes its files.
    const made = listSites(db, { server: name }).filter(({ id }) => !isInMaking(db, id));
    // Sites share a few platforms, each of which is read once.
    const known = new Map<string, PlatformContext>();
    return { server, sites: made.map((site) => siteContextFrom(db, site, server, known)) };
  }
  if (kind === 'platform') {
    const platform = findPlatform(db, name) ?? gone(kind, name);
    return {
      platform: platformContextFrom(platform),
      server: withPhp(serverContextOf(db, root, platform.server), platform.php),
      sites: sitesOn(db, name).first,
    };
  }
  const context: TaskContexts['site'] = { site: siteContextOf(db, root, name) };
  if (typeof args.source === 'string') context.source = siteContextOf(db, root, canonicalUri(args.source));
  if (typeof args.platform === 'string' && args.platform !== '') {
    context.target = platformContextFrom(findPlatform(db, args.platform) ?? gone('platform', args.platform));
  }
  if (typeof args.client === 'string') {
    const { maxDiskBytes: maxBytes, diskBytes: usedBytes } = findClient(db, context.site.client) ?? { diskBytes: 0 };
    if (typeof maxBytes === 'number') context.quota = { maxBytes, usedBytes };
  }
  context.backups = goingBackups(db, context.site.uri);
  return context;
}

function goingBackups(db: Inventory, uri: string): GoingBackups {
  // In the order of recording: after a wrong clock, the newest by date could be removed first.
  const rows = listBackups(db, uri)
    .filter(({ kind, name }) => kind !== 'kept' && taskWithBackup(db, name) === undefined)
    .toSorted((one, other) => other.id - one.id);
  const names = (kind: string): string[] => rows.filter((row) => row.kind === kind).map(({ name }) => name);
  return { rotating: names('rotating'), safety: names('safety') };
}

/** The context of a site in the inventory. Throws `OBJECT_GONE`. */
export function siteContextOf(db: Inventory, root: string, uri: string): SiteContext {
  const row = findSite(db, uri) ?? gone('site', uri);
  return siteContextFrom(db, row, serverContextOf(db, root, row.server));
}

/** The context of a server in the inventory. */
export function serverContextOf(db: Inventory, root: string, name: string): ServerContext {
  return serverContextFrom(findServer(db, name) ?? gone('server', name), root);
}

/** The context of a server's row. */
export function serverContextFrom(row: ServerRow, root: string): ServerContext {
  const { name, handlePrefix, uidBase, webUser, services } = row;
  return { name, root, handlePrefix, uidBase, webUser, services: services as ServerContext['services'] };
}

function platformContextFrom(row: PlatformRow): PlatformContext {
  const { name, root, docroot, source, managed, engine, version, profiles, php } = row;
  return { name, root, docroot, source, managed, engine, version, profiles, php };
}

/** `known` are platforms that have been read already, by name. */
function siteContextFrom(
  db: Inventory,
  row: SiteRow,
  server: ServerContext,
  known = new Map<string, PlatformContext>(),
): SiteContext {
  const kept = keptRelease(db, row.id);
  const platformNamed = (name: string): PlatformContext => {
    const platform = known.get(name) ?? platformContextFrom(findPlatform(db, name) ?? gone('platform', name));
    known.set(name, platform);
    return platform;
  };
  const platform = platformNamed(row.platform);
  return {
    handle: row.handle,
    uid: row.uid,
    uri: row.uri,
    aliases: row.aliases,
    title: row.title,
    profile: row.profile,
    language: row.language,
    client: row.client,
    createdAt: row.createdAt,
    schedules: siteSchedules(db, row.id).map(({ taskType: type, minutes, args }) => ({ type, minutes, args })),
    admin: { name: row.adminName, mail: row.adminMail },
    php: phpLimits.parse(row.php),
    web: siteWeb.parse(row.web),
    release: { number: row.release, database: row.databaseName },
    kept: kept ? { ...kept, platform: platformNamed(kept.platform) } : null,
    platform,
    server: withPhp(server, platform.php),
  };
}

function gone(kind: ObjectKind, name: string): never {
  throw new AegirError('OBJECT_GONE', `there is no ${kind} ${name}`, `aegir ${kind} list shows what there is.`);
}
