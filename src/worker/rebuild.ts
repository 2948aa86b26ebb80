import { join } from 'node:path';
import { findBackup } from '../db/backups.ts';
import { findClient } from '../db/clients.ts';
import type { Inventory } from '../db/inventory.ts';
import { findPlatform, listPlatforms } from '../db/platforms.ts';
import { listServers } from '../db/servers.ts';
import { listSites, ownerOfName, type SiteRow } from '../db/sites.ts';
import { lastDeleted } from '../db/tasks.ts';
import { serverPaths } from '../provision/model/context.ts';
import { describeError } from '../provision/model/errors.ts';
import { type Manifest, readManifest } from '../provision/tasks/model/manifest.ts';
import { LAST_BACKUP } from '../provision/tasks/site/delete.ts';
import { machineOf, recordManifest, uriOf } from './backups.ts';
import type { Access } from './queue-access.ts';

/** A site that can be recreated. */
export interface LostSite {
  uri: string;
  backup: string;
  platform: string;
  client: string;
  /** True if the inventory has the site but its home is gone: it is recreated under its own handle. */
  again: boolean;
}

/** What would be recreated on a server from its backups: everything that they have and that is missing. */
export interface RebuildPlan {
  clients: string[];
  platforms: { name: string; source: string; again: boolean }[];
  sites: LostSite[];
  /** Sites of the inventory whose home is gone and that have no backup. */
  lost: string[];
  /** Deleted sites, according to their last backup or this inventory: recreated only if named explicitly. */
  deleted: string[];
  /** This inventory is newer than a backup that would be used, so it cannot know whether that site was deleted. */
  young: boolean;
  /** Folders that are not backups, with the reason. */
  unreadable: { name: string; why: string }[];
  /** Backups that the inventory does not know yet. */
  unknown: Manifest[];
}

/** Plans the recreation of each missing site from its newest backup; if sites are named, only of those. */
export async function planRebuild(queue: Access, named: string[] = []): Promise<RebuildPlan> {
  const { inventory } = queue;
  const { manifests, unreadable } = await readAll(queue);
  const unknown = manifests.filter(({ name }) => !findBackup(inventory, name));
  const missing = await missingHere(queue);
  const plan: RebuildPlan = {
    ...{ clients: [], platforms: [], sites: [], lost: [], deleted: [], young: false, unreadable, unknown },
  };
  const setUpAt = listServers(inventory)[0]?.createdAt ?? '';
  const wanted = (uri: string): boolean => named.length === 0 || named.includes(uri);
  for (const [uri, { name, createdAt, description, site, platform }] of newestOfEach(inventory, manifests)) {
    const known = missing.sites.get(uri);
    if (!wanted(uri) || (!known && ownerOfName(inventory, uri) !== undefined)) continue;
    const deleted = description === LAST_BACKUP || (!known && (lastDeleted(inventory, uri) ?? '') > createdAt);
    if (deleted && !named.includes(uri)) {
      if (!known) plan.deleted.push(uri);
      continue;
    }
    plan.young ||= createdAt < setUpAt && !known;
    const of = known ?? { platform: platform.name, client: site.client };
    plan.sites.push({ uri, backup: name, platform: of.platform, client: of.client, again: known !== undefined });
    if (!findClient(inventory, of.client) && !plan.clients.includes(of.client)) plan.clients.push(of.client);
    if (plan.platforms.some((one) => one.name === of.platform)) continue;
    const row = findPlatform(inventory, of.platform);
    if (!row) plan.platforms.push({ name: of.platform, source: platform.source, again: false });
    else if (missing.platforms.has(row.name)) {
      plan.platforms.push({ name: row.name, source: row.source, again: true });
    }
  }
  const made = new Set(plan.sites.map(({ uri }) => uri));
  plan.lost = [...missing.sites.keys()].filter((uri) => wanted(uri) && !made.has(uri));
  return plan;
}

/** What the inventory has and this machine lacks: sites without a home, platforms without their managed folder. */
async function missingHere(queue: Access): Promise<{ sites: Map<string, SiteRow>; platforms: Set<string> }> {
  const { host, server } = machineOf(queue);
  const sites = new Map<string, SiteRow>();
  for (const site of listSites(queue.inventory, { server: server.name })) {
    const home = join(serverPaths(server).sites, site.handle);
    if (site.state !== 'installing' && site.state !== 'deleting' && !(await host.stat(home))) sites.set(site.uri, site);
  }
  const platforms = new Set<string>();
  for (const { name, managed, root } of listPlatforms(queue.inventory)) {
    if (managed && !(await host.stat(root))) platforms.add(name);
  }
  return { sites, platforms };
}

/** Adds a plan's unknown backups to the inventory. */
export function addUnknownBackups(queue: Access, { unknown }: RebuildPlan): void {
  for (const manifest of unknown) recordManifest(queue, manifest);
}

/** The newest backup of each site, sorted by the current URI of the site. */
function newestOfEach(inventory: Inventory, manifests: Manifest[]): [string, Manifest][] {
  const oldestFirst = manifests.toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
  // A renamed site is one site; of two sites that had the same name in turn, the later one counts.
  const newest = [...new Map(oldestFirst.map((manifest) => [identityOf(manifest), manifest])).values()];
  const byUri = new Map(
    newest
      .toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1))
      .map((manifest) => [uriOf(inventory, manifest), manifest]),
  );
  return [...byUri].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Older versions of the program did not record when a site was created. */
const identityOf = ({ site }: Manifest): string => (site.createdAt ? `${site.home} ${site.createdAt}` : site.uri);

async function readAll(queue: Access): Promise<{ manifests: Manifest[]; unreadable: RebuildPlan['unreadable'] }> {
  const { host, server } = machineOf(queue);
  const manifests: Manifest[] = [];
  const unreadable: RebuildPlan['unreadable'] = [];
  for (const name of await host.list(serverPaths(server).backups)) {
    if (name.startsWith('.') || name === 'inventory') continue;
    try {
      const manifest = await readManifest(host, server, name);
      if (manifest.name === name) manifests.push(manifest);
      else unreadable.push({ name, why: `its manifest has the name ${manifest.name}` });
    } catch (error) {
      unreadable.push({ name, why: describeError(error).message });
    }
  }
  return { manifests, unreadable };
}
