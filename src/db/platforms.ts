import { type Inventory, now } from './inventory.ts';
import { stateWithDeleting } from './tasks.ts';

/** Stored states; `deleting` is derived from an open task. */
export type PlatformState = 'adding' | 'ready' | 'failed' | 'deleting';

export interface PlatformRow {
  id: number;
  name: string;
  server: string;
  root: string;
  docroot: string;
  source: string;
  managed: boolean;
  engine: string;
  version: string;
  profiles: { name: string; title: string }[];
  /** The branch of PHP (`8.4`) that runs it; '' until that is known, and where there is only one. */
  php: string;
  state: PlatformState;
  lockReason: string | null;
  createdAt: string;
  verifiedAt: string | null;
}

/** A platform as a row of a list, with the number of its sites, which is only counted where it is shown. */
export interface PlatformLine extends PlatformRow {
  /** How many sites use it. */
  sites: number;
  /** How many other sites can be rolled back to it. */
  keptReleases: number;
}

type Stored<T extends PlatformRow> = Omit<T, 'managed' | 'profiles'> & { managed: number; profiles: string };

const columns = `platform.id, platform.name, server.name AS server, root, docroot, source, managed, engine, version,
  profiles, platform.php, ${stateWithDeleting('platform', 'platform', 'platform.name')} AS state, lock_reason AS lockReason,
  platform.created_at AS createdAt, platform.verified_at AS verifiedAt`;
const counted = `(SELECT count(*) FROM release WHERE release.platform_id = platform.id AND release.state = 'current') AS sites,
  (SELECT count(*) FROM release WHERE release.platform_id = platform.id AND release.state = 'kept') AS keptReleases`;
const from = 'FROM platform JOIN server ON server.id = platform.server_id';

const parse = <T extends PlatformRow>(row: Stored<T>) => ({
  ...row,
  managed: row.managed === 1,
  profiles: JSON.parse(row.profiles) as PlatformRow['profiles'],
});

/** The number of a platform's sites, and of those that can be rolled back to it: "2; 1 can go back to it". */
export const sitesOnPlatform = ({ sites, keptReleases }: Pick<PlatformLine, 'sites' | 'keptReleases'>): string =>
  keptReleases === 0 ? String(sites) : `${sites}; ${keptReleases} can go back to it`;

/** All platforms, by name. */
export function listPlatforms(db: Inventory): PlatformLine[] {
  return db
    .prepare<[], Stored<PlatformLine>>(`SELECT ${columns}, ${counted} ${from} ORDER BY platform.name`)
    .all()
    .map(parse);
}

/** A platform by name, or undefined. */
export function findPlatform(db: Inventory, name: string): PlatformRow | undefined {
  const row = db.prepare<[string], Stored<PlatformRow>>(`SELECT ${columns} ${from} WHERE platform.name = +?`).get(name);
  return row && parse(row);
}

/** The same with the number of its sites. */
export function findPlatformLine(db: Inventory, name: string): PlatformLine | undefined {
  const row = db
    .prepare<[string], Stored<PlatformLine>>(`SELECT ${columns}, ${counted} ${from} WHERE platform.name = +?`)
    .get(name);
  return row && parse(row);
}

/** Creates the row of a platform that is being added. */
export function insertPlatform(
  db: Inventory,
  platform: Pick<PlatformRow, 'name' | 'server' | 'root' | 'source' | 'managed'>,
): void {
  db.prepare(
    `INSERT INTO platform (name, server_id, root, source, managed, state, created_at)
     SELECT ?, id, ?, ?, ?, 'adding', ? FROM server WHERE name = ?`,
  ).run(platform.name, platform.root, platform.source, platform.managed ? 1 : 0, now(), platform.server);
}

/** Changes columns of a platform; `verified` also sets the time. */
export function updatePlatform(
  db: Inventory,
  name: string,
  change: Partial<
    Pick<
      PlatformRow,
      'root' | 'docroot' | 'engine' | 'version' | 'profiles' | 'php' | 'state' | 'managed' | 'lockReason'
    >
  >,
  verified = false,
): void {
  const stored: Record<string, string | number | null> = {};
  for (const key of ['root', 'docroot', 'engine', 'version', 'php', 'state'] as const) {
    const value = change[key];
    if (value !== undefined) stored[key] = value;
  }
  if (change.profiles) stored.profiles = JSON.stringify(change.profiles);
  if (change.lockReason !== undefined) stored.lock_reason = change.lockReason;
  if (change.managed !== undefined) stored.managed = change.managed ? 1 : 0;
  if (verified) stored.verified_at = now();
  const keys = Object.keys(stored);
  if (keys.length === 0) return;
  db.prepare(`UPDATE platform SET ${keys.map((key) => `${key} = @${key}`).join(', ')} WHERE name = @name`).run({
    ...stored,
    name,
  });
}

/** Removes the row of a platform that no release uses. */
export function removePlatform(db: Inventory, name: string): void {
  db.prepare('DELETE FROM platform WHERE name = ?').run(name);
}
