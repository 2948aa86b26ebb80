import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type BackupRow, findBackup } from '../db/backups.ts';
import { clientId } from '../db/clients.ts';
import type { Inventory } from '../db/inventory.ts';
import { findPlatform, insertPlatform, removePlatform } from '../db/platforms.ts';
import { listServers } from '../db/servers.ts';
import { findSite, insertSite, ownerOfName, removeSite } from '../db/sites.ts';
import type { ObjectKind } from '../db/tasks.ts';
import { accountOf, accountOfUid, groupId, groupOfId } from '../provision/host/local/accounts.ts';
import { phpLimits } from '../provision/model/context.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import { canonicalUri } from '../provision/model/uri.ts';
import { parseSource } from '../provision/sources/registry.ts';
import type { PlatformAddArgs } from '../provision/tasks/platform/add.ts';
import type { SiteInstallArgs } from '../provision/tasks/site/install.ts';
import { newSiteRefusal, sourceRefusal } from './availability.ts';
import { checkQuota } from './clients.ts';
import { readSitePolicy } from './site-policy.ts';

/**
 * Makes the row of an object that a task is about to make, so that its name is taken from now on.
 * Call within the transaction that queues the task. Throws AegirError when the name is taken or what it
 * stands on is missing.
 */
export function createObject(
  db: Inventory,
  paths: RootPaths,
  kind: ObjectKind,
  name: string,
  args: Record<string, unknown>,
): void {
  if (args.again === true) checkLost(db, kind, name, args);
  else if (kind === 'site')
    createSite(
      db,
      paths,
      name,
      'source' in args
        ? argsOfCopy(db, args)
        : 'backup' in args
          ? argsOfImport(db, paths, name, args)
          : (args as unknown as SiteInstallArgs),
    );
  else if (kind === 'platform') createPlatform(db, paths, name, args as unknown as PlatformAddArgs);
}

/**
 * What is made again keeps its row, whatever becomes of the task; that it is not on this machine any more is the task's
 * to check. Throws `NO_SUCH_OBJECT`, `ARGUMENT_INVALID`, `SITE_…`, `OBJECT_LOCKED`.
 */
function checkLost(db: Inventory, kind: ObjectKind, name: string, args: Record<string, unknown>): void {
  const row = kind === 'site' ? findSite(db, name) : findPlatform(db, name);
  if (!row) {
    const hint = 'Without --again it is made anew.';
    throw new AegirError('NO_SUCH_OBJECT', `there is no ${kind} ${name} that could be made again`, hint);
  }
  const [field, known] = 'source' in row ? (['from', row.source] as const) : (['platform', row.platform] as const);
  if (args[field] !== known) {
    const what = `${kind} ${name} is made again of what it was: ${known}`;
    throw new AegirError('ARGUMENT_INVALID', what, `Give --${field} ${known}`, field);
  }
  const refusal = 'uri' in row ? sourceRefusal(db, row) : undefined;
  if (refusal) throw new AegirError(refusal.code, refusal.message, refusal.hint);
}

/** Removes the row again, after a task that made the object has failed and was undone. */
export function removeCreated(db: Inventory, kind: ObjectKind, name: string): void {
  if (kind === 'site' && findSite(db, name)?.state === 'installing') removeSite(db, name);
  if (kind === 'platform' && findPlatform(db, name)?.state === 'adding') removePlatform(db, name);
}

/** An imported site is what its backup says; the inventory knows as much of it as it needs meanwhile. */
function argsOfImport(db: Inventory, paths: RootPaths, uri: string, args: Record<string, unknown>): NewSiteArgs {
  if (args.from) return argsOfFound(args);
  if (!args.backup) {
    const hint = 'Give --backup, or --from with the folder of a site.';
    throw new AegirError('SOURCE_MISSING', 'it is not said what is imported', hint, 'backup');
  }
  const backup = findBackup(db, String(args.backup));
  if (!backup) {
    const message = `there is no backup ${String(args.backup)}`;
    throw new AegirError('NO_SUCH_OBJECT', message, 'aegir backup list shows what there is.', 'backup');
  }
  const facts = backup.site;
  return {
    ...{ title: facts.title, profile: facts.profile, language: facts.language, adminPassword: '' },
    ...{ adminName: facts.admin.name, adminMail: facts.admin.mail },
    ...phpLimits.parse(facts.php),
    platform: String(args.platform),
    client: String(args.client),
    bytes: filesIn(paths, backup),
    // Under its own name it is the site that it was.
    ...(uri === backup.uri ? { aliases: facts.aliases ?? [], web: facts.web ?? {} } : { web: asCopy(facts.web ?? {}) }),
  };
}

/** What the files of a backup take once they are unpacked; what is stored of it, where that cannot be read. */
function filesIn({ backups }: RootPaths, { name, bytes }: BackupRow): number {
  try {
    const known = z.object({ files: z.object({ bytes: z.number() }) });
    return known.parse(JSON.parse(readFileSync(join(backups, name, 'manifest.json'), 'utf8'))).files.bytes;
  } catch {
    return bytes;
  }
}

/** What is known of a site before anything of it was read; its first administrator logs in. */
const argsOfFound = (args: Record<string, unknown>): SiteInstallArgs => ({
  ...{ title: '', profile: '', language: '', adminName: '', adminMail: '', adminPassword: '' },
  ...phpLimits.parse({}),
  platform: String(args.platform),
  client: String(args.client),
});

/** A copy is as the site that it is made of, but for what is asked for. Throws `NO_SUCH_OBJECT`, `SITE_…`. */
function argsOfCopy(db: Inventory, args: Record<string, unknown>): NewSiteArgs {
  const uri = canonicalUri(String(args.source));
  const source = findSite(db, uri);
  if (!source) {
    throw new AegirError('NO_SUCH_OBJECT', `there is no site ${uri}`, 'aegir site list shows what there is.', 'source');
  }
  const refusal = sourceRefusal(db, source);
  if (refusal) throw new AegirError(refusal.code, refusal.message, refusal.hint, 'source');
  const { title, profile, language, adminName, adminMail, php, client, diskBytes } = source;
  return {
    ...{ title, profile, language, adminName, adminMail, adminPassword: '' },
    ...phpLimits.parse(php),
    platform: String(args.platform || source.platform),
    client: String(args.client || client),
    bytes: diskBytes ?? 0,
    web: asCopy(source.web),
  };
}

/** What only some may see is not shown to all by being copied. */
const asCopy = (web: Record<string, unknown>): Record<string, unknown> => ({ auth: web.auth ?? null });

/** `bytes` is what it is known to take on the disk. */
type NewSiteArgs = SiteInstallArgs & { bytes?: number; aliases?: string[]; web?: Record<string, unknown> };

function createSite(db: Inventory, paths: RootPaths, uri: string, args: NewSiteArgs): void {
  const owner = ownerOfName(db, uri);
  if (owner !== undefined) {
    const what = owner === uri ? `${uri} exists already` : `${uri} is an alias of ${owner}`;
    throw new AegirError('URI_TAKEN', what, 'Choose another name, or delete or rename that site first.', 'uri');
  }
  const platform = findPlatform(db, args.platform);
  if (!platform) {
    throw new AegirError(
      'NO_SUCH_OBJECT',
      `there is no platform ${args.platform}`,
      'aegir platform list shows what there is.',
      'platform',
    );
  }
  const refusal = newSiteRefusal(db, platform);
  if (refusal) throw new AegirError(refusal.code, refusal.message, refusal.hint, 'platform');
  const client = clientId(db, args.client);
  if (client === undefined) {
    throw new AegirError(
      'NO_SUCH_OBJECT',
      `there is no client ${args.client}`,
      'aegir client list shows what there is.',
      'client',
    );
  }
  checkQuota(db, args.client, args.bytes);
  const server = listServers(db).find((row) => row.name === platform.server);
  const database = server?.services.find((service) => service.kind === 'db');
  if (!server || !database) throw needsServer();
  const { backupHours, backupsKept } = readSitePolicy(paths);
  insertSite(db, {
    uri,
    platform: platform.name,
    clientId: client,
    title: args.title || uri,
    aliases: args.aliases ?? [],
    web: args.web ?? {},
    diskBytes: args.bytes,
    profile: args.profile || (platform.profiles[0]?.name ?? ''),
    language: args.language,
    adminName: args.adminName,
    adminMail: args.adminMail,
    php: phpLimits.parse({
      memoryMb: args.memoryMb,
      uploadMb: args.uploadMb,
      children: args.children,
      timeS: args.timeS,
    }),
    databaseDriver: database.driver,
    backups: { hours: backupHours, keep: backupsKept },
    handlePrefix: server.handlePrefix,
    uidBase: server.uidBase,
    ...(server.uidBase > 0 ? { isTaken } : {}),
  });
}

/**
 * useradd(8) gives people the number above the greatest that is in use below UID_MAX: that of the next site. A site that
 * took one that somebody has would fail, or have that person's files.
 */
const isTaken = (handle: string, uid: number): boolean =>
  accountOf(handle) !== undefined ||
  accountOfUid(uid) !== undefined ||
  groupId(handle) !== undefined ||
  groupOfId(uid) !== undefined;

function createPlatform(db: Inventory, paths: RootPaths, name: string, args: PlatformAddArgs): void {
  if (findPlatform(db, name)) {
    throw new AegirError(
      'NAME_TAKEN',
      `platform ${name} exists already`,
      'Choose another name; a second version of a platform stands beside the first.',
      'name',
    );
  }
  const [server] = listServers(db);
  if (!server) throw needsServer();
  const source = parseSource(args.from);
  const root = source.inPlace ?? join(paths.platforms, name);
  insertPlatform(db, { name, server: server.name, root, source: args.from, managed: source.inPlace === undefined });
}

const needsServer = (): AegirError =>
  new AegirError('NO_SERVER', 'this machine is not set up as a server', 'Run: aegir setup');
