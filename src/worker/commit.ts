import { type Inventory, transact } from '../db/inventory.ts';
import { savePackages } from '../db/packages.ts';
import { findPlatform, removePlatform, updatePlatform } from '../db/platforms.ts';
import { markServerVerified, saveServices } from '../db/servers.ts';
import { findSite, removeSite, updateSite } from '../db/sites.ts';
import { markCommitted, type TaskRow } from '../db/tasks.ts';
import type { Json } from '../provision/errors.ts';
import type { InventoryChange } from '../provision/task.ts';

/** Writes what a task changed into the inventory, in one transaction with the note that it is committed. */
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
    markCommitted(db, task.id, result);
  });
}

function commitSite(db: Inventory, uri: string, change: NonNullable<InventoryChange['site']>): void {
  if ('removed' in change) {
    removeSite(db, uri);
    return;
  }
  updateSite(db, uri, { state: change.state, diskBytes: change.diskBytes }, true);
  const site = findSite(db, uri);
  if (site && change.packages) savePackages(db, { siteId: site.id }, change.packages);
}

function commitPlatform(db: Inventory, name: string, change: NonNullable<InventoryChange['platform']>): void {
  if ('removed' in change) {
    removePlatform(db, name);
    return;
  }
  updatePlatform(db, name, change, true);
  const platform = findPlatform(db, name);
  if (platform && change.packages) savePackages(db, { platformId: platform.id }, change.packages);
}
