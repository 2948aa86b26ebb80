import type { Inventory } from '../db/inventory.ts';
import { listPackages, type PackageRow, packagesElsewhere } from '../db/packages.ts';
import type { PlatformRow } from '../db/platforms.ts';
import { listSites, type SiteRow } from '../db/sites.ts';
import { byVersion } from '../provision/by-version.ts';
import { changesFor, differences, missingThere, type PackageDifference } from '../provision/compare-packages.ts';

/** Why a site cannot move. `canBeMeant`: a person may say that it is meant so. */
export interface Blocked {
  code: string;
  message: string;
  hint: string;
  canBeMeant: boolean;
}

/** What a move would mean for one site. */
export interface SiteComparison {
  uri: string;
  verdict: 'ready' | 'blocked';
  blocked: Blocked[];
  /** Packages that it uses and that change. */
  changes: PackageDifference[];
  /** What is worth knowing, such as packages that nobody has looked at yet. */
  notes: string[];
}

export interface PlatformComparison {
  from: string;
  to: string;
  packages: PackageDifference[];
  sites: SiteComparison[];
}

/** A package with the newest version that another platform of the same CMS has; null where none is newer. */
export interface PackageLine extends PackageRow {
  newer: { version: string; platform: string } | null;
}

/** The packages of a platform, with what is known to be newer. */
export function packagesWithNewer(db: Inventory, platform: PlatformRow): PackageLine[] {
  const newest = new Map<string, { version: string; platform: string }>();
  for (const { kind, name, version, platform: on } of packagesElsewhere(db, platform)) {
    const known = newest.get(keyOf({ kind, name }));
    if (!known || byVersion(version, known.version) > 0) newest.set(keyOf({ kind, name }), { version, platform: on });
  }
  return packagesOf(db, platform).map((own) => {
    const found = newest.get(keyOf(own));
    return { ...own, newer: found && byVersion(found.version, own.version) > 0 ? found : null };
  });
}

/** Compares two platforms, package by package, and what a move from one to the other means for each site. */
export function comparePlatforms(db: Inventory, from: PlatformRow, to: PlatformRow): PlatformComparison {
  return {
    from: from.name,
    to: to.name,
    packages: differences(packagesOf(db, from), packagesOf(db, to)),
    sites: listSites(db, { platform: from.name }).map((site) => compareSite(db, site, to, from)),
  };
}

/** What a move to a platform means for a site. The packages that it brings itself come with it and are not looked at. */
export function compareSite(db: Inventory, site: SiteRow, to: PlatformRow, from?: PlatformRow): SiteComparison {
  const own = from ?? { id: platformIdOf(db, site), name: site.platform };
  const blocked = blockedByPlatform(site, to);
  const used = listPackages(db, { siteId: site.id });
  const changes = changesFor(used, packagesOf(db, own), packagesOf(db, to));
  const missing = missingThere(site.uri, to.name, changes);
  if (blocked.length === 0 && missing) blocked.push({ ...missing, canBeMeant: true });
  return {
    uri: site.uri,
    verdict: blocked.length > 0 ? 'blocked' : 'ready',
    blocked,
    changes,
    notes: used.length > 0 ? [] : ['what it uses is not known: verify it'],
  };
}

function blockedByPlatform(site: SiteRow, to: PlatformRow): Blocked[] {
  const no = (code: string, message: string, hint: string): Blocked[] => [{ code, message, hint, canBeMeant: false }];
  if (to.name === site.platform)
    return no('NOTHING_TO_DO', `${site.uri} is on ${to.name} already`, 'Name another one.');
  if (to.engine !== site.engine) {
    const message = `${site.uri} runs ${site.engine}, ${to.name} is ${to.engine}`;
    return no('PLATFORM_UNFIT', message, 'Choose a platform of the same CMS.');
  }
  if (byVersion(to.version, site.version) < 0) {
    const message = `${to.name} is ${to.engine} ${to.version}, ${site.uri} runs on ${site.version}`;
    return no('MIGRATE_DOWNGRADE', message, 'A database does not go back: restore a backup, or use a newer platform.');
  }
  return [];
}

const packagesOf = (db: Inventory, { id }: { id: number }): PackageRow[] => listPackages(db, { platformId: id });
const keyOf = ({ kind, name }: Pick<PackageRow, 'kind' | 'name'>): string => `${kind} ${name}`;

const platformIdOf = (db: Inventory, { platform }: SiteRow): number =>
  db.prepare<[string], number>('SELECT id FROM platform WHERE name = ?').pluck().get(platform) ?? 0;
