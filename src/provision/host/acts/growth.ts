import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ActOptions } from '../host.ts';

const LOOK_MS = 400;

/** Reports the growth of some folders, in bytes, as the progress of work that reports none of its own. */
export async function reportGrowth<T>(folders: string[], live: ActOptions, work: () => Promise<T>): Promise<T> {
  const size = (): number => folders.reduce((sum, folder) => sum + bytesIn(folder), 0);
  const before = size();
  let most = 0;
  const look = (): void => {
    // Finished files may be moved away, so the highest value so far counts.
    most = Math.max(most, size() - before);
    // The total is unknown.
    live.onProgress?.(most, 0, 'bytes');
  };
  const timer = setInterval(look, LOOK_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Files may appear and vanish while they are counted. */
function bytesIn(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
      const path = join(folder, entry.name);
      return sum + (entry.isDirectory() ? bytesIn(path) : lstatSync(path).size);
    }, 0);
  } catch {
    return 0;
  }
}
