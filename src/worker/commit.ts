import { insertBackup, removeBackup } from '../db/backups.ts';
import { clientId } from '../db/clients.ts';
import { type Inventory, transact } from '../db/inventory.ts';
import { savePackages } from '../db/packages.ts';
import { findPlatform, removePlatform, updatePlatform } from '../db/platforms.ts';
import { forgetRelease, switchRelease } from '../db/releases.ts';
import { saveSchedule } from '../db/schedules.ts';
import { markServerVerified, saveServices } from '../db/servers.ts';
import { findSite, ownerOfName, removeSite, renameSite, updateSite } from '../db/sites.ts';
import { markCommitted } from '../db/task-changes.ts';
import type { TaskRow } from '../db/tasks.ts';
import { AegirError, type Json } from '../provision/model/errors.ts';
import type { InventoryChange } from '../provision/tasks/model/task.ts';

/** Writes a task's changes to the inventory, in one transaction with the mark that it is committed. */
export function commitTask(
  db: Inventory,
  task: Pick<TaskRow, 'id' | 'objectName'>,
  change: InventoryChange,
  result: Record<string, Json>,
): void {
  transact(db, () => {
    if (change.site) commitSite(db, task.objectName, change.site);
    if (change.platform) commitPlatform(db, task.objectName, change.platform);
    if (change.server) {
      saveServices(db, task.objectName, change.server.services);
      markServerVerified(db, task.objectName);
    }
    if (change.backup) insertBackup(db, { ...change.backup, taskId: task.id });
    for (const name of change.forgetBackups ?? []) removeBackup(db, name);
    markCommitted(db, task.id, result);
  });
}

function commitSite(db: Inventory, uri: string, change: NonNullable<InventoryChange['site']>): void {
  if ('removed' in change) {
    removeSite(db, uri);
    return;
  }
  const { packages, names, client, schedules, release, forgetKept, ...columns } = change;
  updateSite(
    db,
    uri,
    { ...columns, ...(client === undefined ? {} : { clientId: mustFindClient(db, client) }) },
    change.state !== undefined,
  );
  const site = findSite(db, uri);
  if (!site) return;
  if (forgetKept) forgetRelease(db, site.id);
  if (release) switchRelease(db, site.id, release, release.keepUntil);
  if (packages) savePackages(db, { siteId: site.id }, packages);
  for (const [type, wish] of Object.entries(schedules ?? {})) saveSchedule(db, site.id, type, wish);
  if (names) rename(db, uri, names);
}

/** A name may have been given to another site since the task was queued; then everything is undone. */
function rename(db: Inventory, uri: string, names: { uri: string; aliases: string[] }): void {
  const owner = renameSite(db, uri, names);
  if (owner === undefined) return;
  const given = [names.uri, ...names.aliases].filter((name) => ownerOfName(db, name) === owner).join(', ');
  throw new AegirError('URI_TAKEN', `${given} belongs to ${owner}`, 'Choose another name.');
}

function mustFindClient(db: Inventory, name: string): number {
  const id = clientId(db, name);
  if (id !== undefined) return id;
  throw new AegirError(
    'NO_SUCH_OBJECT',
    `there is no client ${name}`,
    'aegir client list shows what there is.',
    'client',
  );
}

function commitPlatform(db: Inventory, name: string, change: NonNullable<InventoryChange['platform']>): void {
  if ('removed' in change) {
    removePlatform(db, name);
    return;
  }
  updatePlatform(db, name, change, change.state !== undefined);
  const platform = findPlatform(db, name);
  if (platform && change.packages) savePackages(db, { platformId: platform.id }, change.packages);
}
