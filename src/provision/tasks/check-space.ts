import type { Problem, StepIo } from '../task.ts';

/** Free bytes and files that something needs at least: for the largest CMS tried (facts measured). */
const needs = {
  'a site': { bytes: 300 * 1024 * 1024, inodes: 5000 },
  // Fetched, unpacked and built beside what is there already.
  'the code of a CMS': { bytes: 300 * 1024 * 1024, inodes: 30_000 },
};

/** Reports a disk that has no room; what fills up on the way fails late, and not every program ends by itself then. */
export async function checkSpace(
  { host }: Pick<StepIo, 'host'>,
  folder: string,
  what: keyof typeof needs,
  problem: Problem,
): Promise<void> {
  const { bytes, inodes } = needs[what];
  const space = await host.space(folder);
  if (space.bytes >= bytes && space.inodes >= inodes) return;
  const free = `${Math.round(space.bytes / 1e6)} MB and ${space.inodes} files free`;
  const message = `the disk of ${folder} has ${free}, ${what} needs ${Math.round(bytes / 1e6)} MB and ${inodes} files`;
  problem('DISK_FULL', message, 'Make room, then try again.');
}
