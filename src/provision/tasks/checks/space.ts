import { type SiteContext, serverPaths, sitePaths } from '../../model/context.ts';
import type { Problem } from '../../model/work-io.ts';
import type { Manifest } from '../model/manifest.ts';
import type { StepIo } from '../model/task.ts';

/** Minimum free bytes and files, measured with the largest CMS that was tested. */
const needs = {
  'a site': { bytes: 300 * 1024 * 1024, inodes: 5000 },
  // Downloaded, unpacked and built in addition to what exists.
  'the code of a CMS': { bytes: 300 * 1024 * 1024, inodes: 30_000 },
};

/**
 * Reports a disk with too little space: a disk that fills up midway fails late, and not every program then stops by
 * itself.
 */
export async function checkSpace(
  { host }: Pick<StepIo, 'host'>,
  folder: string,
  what: keyof typeof needs,
  problem: Problem,
): Promise<void> {
  const { bytes, inodes } = needs[what];
  const space = await host.space(folder);
  if (space.bytes >= bytes && space.inodes >= inodes) return;
  const free = `${megabytes(space.bytes)} and ${space.inodes} files free`;
  const message = `the disk of ${folder} has ${free}, ${what} needs ${megabytes(bytes)} and ${inodes} files`;
  problem('DISK_FULL', message, HINT);
}

/** The size of a site's files and database in bytes, and where the database is stored. */
export interface Held {
  files: number;
  database: number;
}

/** Space to leave for daemons, logs and the inventory. */
const SPARE = 100 * 1024 * 1024;
const HINT = 'Make room, then try again.';

/**
 * Measures a site: its files on disk, and its database through the service. What cannot be measured now counts as 0.
 */
export async function measured(site: SiteContext, io: StepIo): Promise<Held> {
  const asked = await io.host.ask({
    file: 'du',
    args: ['-sxb', '--', sitePaths(site).home],
    timeoutMs: 120_000,
    signal: io.signal,
  });
  const files = Number(/^\d+/.exec(asked.stdout)?.[0] ?? 0);
  const database = await io.services
    .db(site.server)
    .bytes(io.host, site)
    .catch(() => 0);
  return { files, database };
}

/** The uncompressed size of a backup's content. */
export const heldBy = ({ files, database }: Manifest): Held => ({ files: files.bytes, database: database.bytes });

/**
 * Reports disks without enough space for what a task will write: backups of `saved`, compressed, and copies of
 * `copied`. Requests for the same disk are added up.
 */
export async function checkRoom(
  site: SiteContext,
  io: StepIo,
  { saved, copied }: { saved?: Partial<Held>; copied?: Partial<Held> },
  problem: Problem,
): Promise<void> {
  const { backups, sites } = serverPaths(site.server);
  const databases = await io.services
    .db(site.server)
    .folder(io.host, site)
    .catch(() => sites);
  // zstd compresses a dump to less than half; images stay as large as they are.
  const packed = (saved?.files ?? 0) + (saved?.database ?? 0) / 2;
  const wanted = new Map<string, { folder: string; bytes: number }>();
  for (const [folder, bytes] of [
    [backups, packed],
    [sites, copied?.files ?? 0],
    [databases, copied?.database ?? 0],
  ] as const) {
    if (bytes === 0) continue;
    const disk = await diskOf(folder, io);
    wanted.set(disk, { folder, bytes: (wanted.get(disk)?.bytes ?? SPARE) + bytes });
  }
  for (const { folder, bytes } of wanted.values()) {
    const free = (await io.host.space(folder)).bytes;
    if (free >= bytes) continue;
    problem('DISK_FULL', `the disk of ${folder} has ${megabytes(free)} free, but needs ${megabytes(bytes)}`, HINT);
  }
}

/** The mount point of a folder's file system; the folder itself if unknown. */
async function diskOf(folder: string, io: StepIo): Promise<string> {
  const { code, stdout } = await io.host.ask({ file: 'stat', args: ['-c', '%m', '--', folder], timeoutMs: 10_000 });
  return code === 0 ? stdout.trim() : folder;
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
