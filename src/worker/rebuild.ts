import { findBackup } from '../db/backups.ts';
import { findClient } from '../db/clients.ts';
import { findPlatform } from '../db/platforms.ts';
import { ownerOfName } from '../db/sites.ts';
import { serverPaths } from '../provision/context.ts';
import { describeError } from '../provision/errors.ts';
import { type Manifest, readManifest } from '../provision/manifest.ts';
import { LAST_BACKUP } from '../provision/tasks/site-delete.ts';
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
  /** Sites that were deleted with a last backup: made again only when they are named. */
  deleted: string[];
  /** Folders that are no backups, with the reason. */
  unreadable: { name: string; why: string }[];
  /** Backups that the inventory does not know yet. */
  unknown: Manifest[];
}

/** Says what would be made of the newest backup of each site that is not there; of those that are named, when some are. */
export async function planRebuild(queue: Queue, named: string[] = []): Promise<RebuildPlan> {
  const { inventory } = queue;
  const { manifests, unreadable } = await readAll(queue);
  const unknown = manifests.filter(({ name }) => !findBackup(inventory, name));
  const plan: RebuildPlan = { clients: [], platforms: [], sites: [], deleted: [], unreadable, unknown };
  for (const { name, description, site, platform } of newestOfEach(manifests)) {
    const { uri, client } = site;
    if (ownerOfName(inventory, uri) !== undefined || (named.length > 0 && !named.includes(uri))) continue;
    if (description === LAST_BACKUP && !named.includes(uri)) {
      plan.deleted.push(uri);
      continue;
    }
    plan.sites.push({ uri, backup: name, platform: platform.name, client });
    if (!findClient(inventory, client) && !plan.clients.includes(client)) plan.clients.push(client);
    const known = findPlatform(inventory, platform.name) ?? plan.platforms.find((one) => one.name === platform.name);
    if (!known) plan.platforms.push({ name: platform.name, source: platform.source });
  }
  return plan;
}

/** Takes the backups of a plan into the inventory that it does not know. */
export function takeIn(queue: Queue, { unknown }: RebuildPlan): void {
  for (const manifest of unknown) recordManifest(queue, manifest);
}

function newestOfEach(manifests: Manifest[]): Manifest[] {
  const oldestFirst = manifests.toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
  const newest = new Map(oldestFirst.map((manifest) => [manifest.site.uri, manifest]));
  return [...newest.values()].sort((one, other) => (one.site.uri < other.site.uri ? -1 : 1));
}

async function readAll(queue: Queue): Promise<{ manifests: Manifest[]; unreadable: RebuildPlan['unreadable'] }> {
  const { host, server } = machineOf(queue);
  const manifests: Manifest[] = [];
  const unreadable: RebuildPlan['unreadable'] = [];
  for (const name of await host.list(serverPaths(server).backups)) {
    if (name.startsWith('.') || name === 'inventory') continue;
    try {
      const manifest = await readManifest(host, server, name);
      if (manifest.name === name) manifests.push(manifest);
      else unreadable.push({ name, why: `it calls itself ${manifest.name}` });
    } catch (error) {
      unreadable.push({ name, why: describeError(error).message });
    }
  }
  return { manifests, unreadable };
}
