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
import type { Program } from '../provision/program.ts';
import type { PlatformAddArgs } from '../provision/tasks/platform/add.ts';
import type { SiteInstallArgs } from '../provision/tasks/site/install.ts';
import { newSiteRefusal, sourceRefusal } from './availability.ts';
import { checkQuota } from './clients.ts';
import type { Queue } from './queue-access.ts';
import { readSitePolicy } from './site-policy.ts';

/**
 * Creates the row of an object that a task will create, which reserves its name. Call it in the transaction that queues
 * the task. Throws AegirError if the name is taken or something it depends on is missing.
 */
export function createObject(
  { inventory: db, paths, program }: Pick<Queue, 'inventory' | 'paths' | 'program'>,
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
  else if (kind === 'platform') createPlatform(db, program, paths, name, args as unknown as PlatformAddArgs);
}

/**
 * An object that is recreated keeps its row, whatever becomes of the task; that it is missing on this machine is
 * checked by the task. Throws `NO_SUCH_OBJECT`, `ARGUMENT_INVALID`, `SITE_…`, `OBJECT_LOCKED`.
 */
function checkLost(db: Inventory, kind: ObjectKind, name: string, args: Record<string, unknown>): void {
  const row = kind === 'site' ? findSite(db, name) : findPlatform(db, name);
  if (!row) {
    const hint = 'Create it without --again.';
    throw new AegirError('NO_SUCH_OBJECT', `there is no ${kind} ${name} to recreate`, hint);
  }
  const [field, known] = 'source' in row ? (['from', row.source] as const) : (['platform', row.platform] as const);
  if (args[field] !== known) {
    const what = `${kind} ${name} can only be recreated from ${known}`;
    throw new AegirError('ARGUMENT_INVALID', what, `Give --${field} ${known}`, field);
  }
  const refusal = 'uri' in row ? sourceRefusal(db, row) : undefined;
  if (refusal) throw new AegirError(refusal.code, refusal.message, refusal.hint);
}

/** Removes the row again, after the task that creates the object has failed and was undone. */
export function removeCreated(db: Inventory, kind: ObjectKind, name: string): void {
  if (kind === 'site' && findSite(db, name)?.state === 'installing') removeSite(db, name);
  if (kind === 'platform' && findPlatform(db, name)?.state === 'adding') removePlatform(db, name);
}

/** An imported site has the facts of its backup; the inventory keeps as much of them as it needs until then. */
function argsOfImport(db: Inventory, paths: RootPaths, uri: string, args: Record<string, unknown>): NewSiteArgs {
  if (args.from) return argsOfFound(args);
  if (!args.backup) {
    const hint = 'Give --backup, or --from with the folder of a site.';
    throw new AegirError('SOURCE_MISSING', 'nothing to import was given', hint, 'backup');
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
    // Under its own name it is the same site as before.
    ...(uri === backup.uri ? { aliases: facts.aliases ?? [], web: facts.web ?? {} } : { web: asCopy(facts.web ?? {}) }),
  };
}

/** The size of a backup's files after unpacking; the stored size if its manifest cannot be read. */
function filesIn({ backups }: RootPaths, { name, bytes }: BackupRow): number {
  try {
    const known = z.object({ files: z.object({ bytes: z.number() }) });
    return known.parse(JSON.parse(readFileSync(join(backups, name, 'manifest.json'), 'utf8'))).files.bytes;
  } catch {
    return bytes;
  }
}

/** The facts known about a foreign site before it is read; its first administrator is used for logins. */
const argsOfFound = (args: Record<string, unknown>): SiteInstallArgs => ({
  ...{ title: '', profile: '', language: '', adminName: '', adminMail: '', adminPassword: '' },
  ...phpLimits.parse({}),
  platform: String(args.platform),
  client: String(args.client),
});

/** A copy has the facts of its source, except those given. Throws `NO_SUCH_OBJECT`, `SITE_…`. */
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

/** Copying a site must not open it to all if only some may see it. */
const asCopy = (web: Record<string, unknown>): Record<string, unknown> => ({ auth: web.auth ?? null });

/** `bytes` is its known size on disk. */
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
 * useradd(8) gives people the id above the highest used one below UID_MAX, which would be that of the next site. A site
 * with an id in use would fail, or own that person's files.
 */
const isTaken = (handle: string, uid: number): boolean =>
  accountOf(handle) !== undefined ||
  accountOfUid(uid) !== undefined ||
  groupId(handle) !== undefined ||
  groupOfId(uid) !== undefined;

function createPlatform(db: Inventory, program: Program, paths: RootPaths, name: string, args: PlatformAddArgs): void {
  if (findPlatform(db, name)) {
    throw new AegirError(
      'NAME_TAKEN',
      `platform ${name} exists already`,
      'Choose another name; another version of the code is a new platform.',
      'name',
    );
  }
  const [server] = listServers(db);
  if (!server) throw needsServer();
  const source = program.sources.parse(args.from);
  const root = source.inPlace ?? join(paths.platforms, name);
  insertPlatform(db, { name, server: server.name, root, source: args.from, managed: source.inPlace === undefined });
}

const needsServer = (): AegirError =>
  new AegirError('NO_SERVER', 'this machine is not set up as a server', 'Run: aegir setup');
