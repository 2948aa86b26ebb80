import { join } from 'node:path';
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
import type { Program } from '../provision/program.ts';
import { noSuch, sourceRefusal, throwRefusal, usablePlatform } from '../provision/tasks/checks/availability.ts';
import type { NewSite } from '../provision/tasks/model/records.ts';
import type { AnyTask } from '../provision/tasks/model/tasks.ts';
import { checkQuota } from './clients.ts';
import type { Queue } from './queue-access.ts';
import { recordsOf } from './records.ts';
import { readSitePolicy } from './site-policy.ts';

/**
 * Creates the row of an object that a task will create, which reserves its name. Call it in the transaction that queues
 * the task. Throws AegirError if the name is taken or something it depends on is missing.
 */
export function createObject(queue: Queue, task: AnyTask, name: string, args: Record<string, unknown>): void {
  const { inventory: db, paths, program } = queue;
  if (args.again === true) {
    checkLost(queue, task.object, name, args);
    return;
  }
  const row = task.creates?.row(recordsOf(queue), name, args as never);
  if (row?.kind === 'site') createSite(queue, name, row);
  if (row?.kind === 'platform') createPlatform(db, program, paths, name, row.source);
}

/**
 * An object that is recreated keeps its row, whatever the task's outcome. The task checks that the object is missing on
 * this machine. Throws `NO_SUCH_OBJECT`, `ARGUMENT_INVALID`, `SITE_…`, `OBJECT_LOCKED`.
 */
function checkLost(queue: Queue, kind: ObjectKind, name: string, args: Record<string, unknown>): void {
  const { inventory: db } = queue;
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
  if ('uri' in row) throwRefusal(sourceRefusal(row, recordsOf(queue)));
}

/** Removes the row again, after the task that creates the object has failed and was undone. */
export function removeCreated(db: Inventory, kind: ObjectKind, name: string): void {
  if (kind === 'site' && findSite(db, name)?.state === 'installing') removeSite(db, name);
  if (kind === 'platform' && findPlatform(db, name)?.state === 'adding') removePlatform(db, name);
}

function createSite(queue: Queue, uri: string, site: NewSite): void {
  const { inventory: db, paths } = queue;
  const records = recordsOf(queue);
  const owner = ownerOfName(db, uri);
  if (owner !== undefined) {
    const what = owner === uri ? `${uri} exists already` : `${uri} is an alias of ${owner}`;
    throw new AegirError('URI_TAKEN', what, 'Choose another name, or delete or rename that site first.', 'uri');
  }
  usablePlatform(records, site.platform);
  const platform = findPlatform(db, site.platform);
  const client = clientId(db, site.client);
  if (!platform || client === undefined) throw noSuch('client', site.client, 'client');
  checkQuota(db, site.client, site.bytes);
  const server = listServers(db).find((row) => row.name === platform.server);
  const database = server?.services.find((service) => service.kind === 'db');
  if (!server || !database) throw needsServer();
  const { backupHours, backupsKept } = readSitePolicy(paths);
  insertSite(db, {
    uri,
    platform: platform.name,
    clientId: client,
    title: site.title || uri,
    aliases: site.aliases ?? [],
    web: site.web ?? {},
    diskBytes: site.bytes,
    profile: site.profile || (platform.profiles[0]?.name ?? ''),
    language: site.language,
    adminName: site.adminName,
    adminMail: site.adminMail,
    php: phpLimits.parse(site.php),
    databaseDriver: database.driver,
    backups: { hours: backupHours, keep: backupsKept },
    handlePrefix: server.handlePrefix,
    uidBase: server.uidBase,
    ...(server.uidBase > 0 ? { isTaken } : {}),
  });
}

/**
 * useradd(8) gives a person the id after the highest one in use below UID_MAX, and the next site would get the same id.
 * A site with an id in use would fail, or own that person's files.
 */
const isTaken = (handle: string, uid: number): boolean =>
  accountOf(handle) !== undefined ||
  accountOfUid(uid) !== undefined ||
  groupId(handle) !== undefined ||
  groupOfId(uid) !== undefined;

function createPlatform(db: Inventory, program: Program, paths: RootPaths, name: string, from: string): void {
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
  const source = program.sources.parse(from);
  const root = source.inPlace ?? join(paths.platforms, name);
  insertPlatform(db, { name, server: server.name, root, source: from, managed: source.inPlace === undefined });
}

const needsServer = (): AegirError =>
  new AegirError('NO_SERVER', 'this machine is not set up as a server', 'Run: aegir setup');
