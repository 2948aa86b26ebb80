import { findBackup, listBackups } from '../db/backups.ts';
import { findClient } from '../db/clients.ts';
import { findPlatform } from '../db/platforms.ts';
import { ownerOfName } from '../db/sites.ts';
import { serverPaths } from '../provision/context.ts';
import { AegirError, describeError } from '../provision/errors.ts';
import { readManifest } from '../provision/manifest.ts';
import { machineOf, recordManifest } from './backups.ts';
import type { Queue } from './queue.ts';

/** A site that can be made again. */
export interface LostSite {
  uri: string;
  backup: string;
  platform: string;
  client: string;
}

/** What a server is made again of: what its backups say, less what is there. */
export interface RebuildPlan {
  clients: string[];
  platforms: { name: string; source: string }[];
  sites: LostSite[];
  /** Folders that are no backups, with the reason. */
  unreadable: { name: string; why: string }[];
}

/**
 * Takes the backups into the inventory that lie in their folder and that it does not know, and says what would be made
 * of the newest of each site. Changes nothing else.
 */
export async function planRebuild(queue: Queue): Promise<RebuildPlan> {
  const { inventory } = queue;
  const unreadable = await takeIn(queue);
  const plan: RebuildPlan = { clients: [], platforms: [], sites: [], unreadable };
  const { host, server } = machineOf(queue);
  const newest = new Map(
    listBackups(inventory)
      .toReversed()
      .map((row) => [row.uri, row]),
  );
  for (const { uri, name } of [...newest.values()].sort((one, other) => (one.uri < other.uri ? -1 : 1))) {
    if (ownerOfName(inventory, uri) !== undefined) continue;
    const { site, platform } = await readManifest(host, server, name);
    plan.sites.push({ uri, backup: name, platform: platform.name, client: site.client });
    if (!findClient(inventory, site.client) && !plan.clients.includes(site.client)) plan.clients.push(site.client);
    const known = findPlatform(inventory, platform.name) ?? plan.platforms.find((one) => one.name === platform.name);
    if (!known) plan.platforms.push({ name: platform.name, source: platform.source });
  }
  return plan;
}

/** Gives what could not be read. */
async function takeIn(queue: Queue): Promise<RebuildPlan['unreadable']> {
  const { host, server } = machineOf(queue);
  const unreadable: RebuildPlan['unreadable'] = [];
  for (const name of await host.list(serverPaths(server).backups)) {
    if (name.startsWith('.') || name === 'inventory' || findBackup(queue.inventory, name)) continue;
    try {
      const manifest = await readManifest(host, server, name);
      if (manifest.name !== name)
        throw new AegirError('BACKUP_UNKNOWN', `it calls itself ${manifest.name}`, 'Give it that name.');
      recordManifest(queue, manifest);
    } catch (error) {
      unreadable.push({ name, why: describeError(error).message });
    }
  }
  return unreadable;
}
