import type { Inventory } from '../db/inventory.ts';
import { knowsPackages, listPackages, type PackageRow, packagesElsewhere, packagesThatDiffer } from '../db/packages.ts';
import type { PlatformRow } from '../db/platforms.ts';
import { sitesChanged } from '../db/site-lines.ts';
import { findSite, listSites, type SiteRow } from '../db/sites.ts';
import {
  changesFor,
  differences,
  missingThere,
  type PackageDifference,
} from '../provision/engines/compare-packages.ts';
import { byVersion } from '../provision/model/by-version.ts';
import type { ErrorDocument } from '../provision/model/errors.ts';

/** Why a site cannot move. `canBeMeant`: a person may override it. */
export interface Blocked extends ErrorDocument {
  canBeMeant: boolean;
}

/** The effect that a move would have on one site. */
export interface SiteComparison {
  uri: string;
  verdict: 'ready' | 'blocked';
  blocked: Blocked[];
  /** The packages it uses that change. */
  changes: PackageDifference[];
  /** Other remarks, such as that its packages are unknown. */
  notes: string[];
}

export interface PlatformComparison {
  from: string;
  to: string;
  packages: PackageDifference[];
  sites: SiteComparison[];
}

/** A package with the newest version on another platform of the same CMS; null if none is newer. */
export interface PackageLine extends PackageRow {
  newer: { version: string; platform: string } | null;
}

/** The packages of a platform, with newer versions known from other platforms. */
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

/** Compares two platforms package by package, and computes what a move from one to the other means for each site. */
export const comparePlatforms = (db: Inventory, from: PlatformRow, to: PlatformRow): PlatformComparison =>
  refreshComparison(db, from, to).comparison;

/** A comparison, and the state from which it was computed. */
export interface KeptComparison {
  comparison: PlatformComparison;
  /** The platforms and their packages, as JSON. */
  madeOf: string;
  /** The revision of the sites; see sitesChanged. */
  revision: number;
}

/**
 * Updates a comparison: compares only sites that have changed since; all of them if the platforms or their code differ,
 * or if the changed ones are unknown. Returns the same object if nothing has changed.
 */
export function refreshComparison(
  db: Inventory,
  from: PlatformRow,
  to: PlatformRow,
  old?: KeptComparison,
): KeptComparison {
  const { revision, uris } = sitesChanged(db, old?.revision ?? -1);
  const packages = [packagesOf(db, from), packagesOf(db, to)] as const;
  const facts = [from, to].map(({ name, engine, version }) => [name, engine, version]);
  const madeOf = JSON.stringify([facts, packages]);
  if (!old || old.madeOf !== madeOf || !uris) {
    const sites = listSites(db, { platform: from.name }).map((site) => compareSite(db, site, to, from));
    return {
      comparison: { from: from.name, to: to.name, packages: differences(...packages), sites },
      madeOf,
      revision,
    };
  }
  if (uris.length === 0) return old;
  const sites = new Map(old.comparison.sites.map((site) => [site.uri, site]));
  for (const uri of uris) {
    const site = findSite(db, uri);
    if (site?.platform === from.name) sites.set(uri, compareSite(db, site, to, from));
    else sites.delete(uri);
  }
  const inOrder = [...sites.values()].sort((one, other) => (one.uri < other.uri ? -1 : 1));
  return { comparison: { ...old.comparison, sites: inOrder }, madeOf, revision };
}

/** What a move to a platform means for a site. Packages of the site itself move with it and are ignored. */
export function compareSite(db: Inventory, site: SiteRow, to: PlatformRow, from?: PlatformRow): SiteComparison {
  const blocked = blockedByPlatform(site, to);
  const used = packagesThatDiffer(db, site.id, from?.id ?? platformIdOf(db, site), to.id);
  const there = used.flatMap(({ there: version, ...one }) => (version === null ? [] : [{ ...one, version }]));
  const changes = changesFor(used, used, there);
  const missing = missingThere(site.uri, to.name, changes);
  if (blocked.length === 0 && missing) blocked.push({ ...missing, canBeMeant: true });
  return {
    uri: site.uri,
    verdict: blocked.length > 0 ? 'blocked' : 'ready',
    blocked,
    changes,
    notes: knowsPackages(db, site.id) ? [] : ['packages unknown: verify the site'],
  };
}

function blockedByPlatform(site: SiteRow, to: PlatformRow): Blocked[] {
  const no = (code: string, message: string, hint: string): Blocked[] => [{ code, message, hint, canBeMeant: false }];
  if (to.name === site.platform)
    return no('NOTHING_TO_DO', `${site.uri} is on ${to.name} already`, 'Choose another platform.');
  if (to.engine !== site.engine) {
    const message = `${site.uri} runs ${site.engine}, ${to.name} is ${to.engine}`;
    return no('PLATFORM_UNFIT', message, 'Choose a platform of the same CMS.');
  }
  if (byVersion(to.version, site.version) < 0) {
    const message = `${to.name} is ${to.engine} ${to.version}, ${site.uri} runs on ${site.version}`;
    return no(
      'MIGRATE_DOWNGRADE',
      message,
      'A database cannot be downgraded: restore a backup, or choose a newer platform.',
    );
  }
  return [];
}

const packagesOf = (db: Inventory, { id }: { id: number }): PackageRow[] => listPackages(db, { platformId: id });
const keyOf = ({ kind, name }: Pick<PackageRow, 'kind' | 'name'>): string => `${kind} ${name}`;

const platformIdOf = (db: Inventory, { platform }: SiteRow): number =>
  db.prepare<[string], number>('SELECT id FROM platform WHERE name = ?').pluck().get(platform) ?? 0;
