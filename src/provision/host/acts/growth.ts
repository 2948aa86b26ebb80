import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ActOptions } from '../host.ts';

const LOOK_MS = 400;

/** Runs what tells no progress of its own, and tells meanwhile by how many bytes what lies in some folders has grown. */
export async function tellGrowth<T>(folders: string[], live: ActOptions, work: () => Promise<T>): Promise<T> {
  const size = (): number => folders.reduce((sum, folder) => sum + bytesIn(folder), 0);
  const before = size();
  let most = 0;
  const look = (): void => {
    // What is complete may be carried off.
    most = Math.max(most, size() - before);
    // How much it will be in the end nobody says.
    live.onProgress?.(most, 0, 'bytes');
  };
  const timer = setInterval(look, LOOK_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Files come and go while they are counted. */
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
