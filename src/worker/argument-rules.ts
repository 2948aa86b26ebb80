import { clientId } from '../db/clients.ts';
import type { Inventory } from '../db/inventory.ts';
import { findPlatform, type PlatformRow } from '../db/platforms.ts';
import { siteSchedules } from '../db/schedules.ts';
import { findSite, ownerOfName } from '../db/sites.ts';
import { AegirError } from '../provision/model/errors.ts';
import { canonicalUri } from '../provision/model/uri.ts';
import { namesIn } from '../provision/tasks/site/alias.ts';
import { newSiteRefusal } from './availability.ts';
import { checkQuota } from './clients.ts';
import { compareSite } from './compare.ts';
import { mustFindBackup } from './find-backup.ts';

type Check = (db: Inventory, uri: string, args: Record<string, unknown>) => void;

/** Checks of arguments against the inventory, by task type. */
const checks: Record<string, Check> = {
  'site.alias': (db, uri, { add }) => {
    for (const name of namesIn(String(add ?? ''))) checkNameFree(db, uri, name, 'add');
  },
  'site.rename': (db, uri, { to }) => checkNameFree(db, uri, canonicalUri(String(to)), 'to'),
  'site.migrate': checkTarget,
  'site.restore': checkRestore,
  'site.set': (db, uri, { client, keep, backupHours }) => {
    if (client !== undefined) checkClient(db, uri, String(client));
    if (keep !== undefined) checkSaved(db, uri, Number(keep), backupHours);
  },
};

/** Refuses arguments that conflict with the inventory: a name in use, an unknown client. Throws AegirError. */
export function checkAgainstInventory(
  db: Inventory,
  type: string,
  object: string,
  args: Record<string, unknown>,
): void {
  checks[type]?.(db, object, args);
}

/** Refuses a platform that a site cannot move to. Throws `NO_SUCH_OBJECT`, `MIGRATE_…`. */
function checkTarget(db: Inventory, uri: string, { platform: name, anyway }: Record<string, unknown>): void {
  const site = findSite(db, uri);
  const platform = usablePlatform(db, String(name));
  const { blocked } = site ? compareSite(db, site, platform) : { blocked: [] };
  const [first] = blocked.filter((reason) => anyway !== true || !reason.canBeMeant);
  if (first) throw new AegirError(first.code, first.message, first.hint, 'platform');
}

/** A platform that can take sites now. Throws `NO_SUCH_OBJECT`, `PLATFORM_…`. */
function usablePlatform(db: Inventory, name: string): PlatformRow {
  const platform = findPlatform(db, name);
  if (!platform) {
    const hint = 'aegir platform list shows what there is.';
    throw new AegirError('NO_SUCH_OBJECT', `there is no platform ${name}`, hint, 'platform');
  }
  const refusal = newSiteRefusal(db, platform);
  if (refusal) throw new AegirError(refusal.code, refusal.message, refusal.hint, 'platform');
  return platform;
}

/** Refuses an unknown backup, one of another site without `otherSite`, and a platform that cannot take the site. */
function checkRestore(db: Inventory, uri: string, { backup, platform, otherSite }: Record<string, unknown>): void {
  if (platform !== '') usablePlatform(db, String(platform));
  const owner = mustFindBackup(db, String(backup), uri).uri;
  if (owner === uri || otherSite === true) return;
  const message = `${String(backup)} is a backup of ${owner}`;
  const hint = `To make a new site from it: aegir site restore ${owner} --backup ${String(backup)} --as NEWURI. To replace ${uri} by its content, add: --other-site`;
  throw new AegirError('BACKUP_OTHER_SITE', message, hint, 'backup');
}

/** Refuses a name that another site has. Throws `URI_TAKEN`. */
export function checkNameFree(db: Inventory, uri: string, name: string, field: string): void {
  const owner = ownerOfName(db, name);
  if (owner === undefined || owner === uri) return;
  const what = owner === name ? `${name} is another site` : `${name} is an alias of ${owner}`;
  throw new AegirError('URI_TAKEN', what, 'A name belongs to one site only; remove it from that one first.', field);
}

/** The number of kept backups belongs to a backup schedule. Throws `NO_SCHEDULE`. */
function checkSaved(db: Inventory, uri: string, keep: number, hours: unknown): void {
  const schedules = siteSchedules(db, findSite(db, uri)?.id ?? 0);
  if (hours === undefined ? schedules.some(({ taskType }) => taskType === 'site.backup') : Number(hours) > 0) return;
  throw new AegirError(
    'NO_SCHEDULE',
    `${uri} has no scheduled backups, so there are none of which ${keep} could be kept`,
    'Set the schedule too: --backup-hours 24',
    'keep',
  );
}

function checkClient(db: Inventory, uri: string, name: string): void {
  const site = findSite(db, uri);
  if (site?.client === name) return;
  if (clientId(db, name) === undefined) throw noClient(name);
  checkQuota(db, name, site?.diskBytes ?? 0);
}

const noClient = (name: string): AegirError =>
  new AegirError('NO_SUCH_OBJECT', `there is no client ${name}`, 'aegir client list shows what there is.', 'client');
