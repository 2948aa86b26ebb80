import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { constants, open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AegirError } from '../../model/errors.ts';
import type { FileFact } from '../host.ts';
import { fileError } from './place.ts';

/** Longest file that is read whole. What the program reads is configuration; logs are read by their own reader. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Text of a file, or its first `maxBytes`; undefined where there is none or something else than a file: a pipe
 * in a site's folder must not hold the program up. Throws `FILE_TOO_LARGE`, `NOT_ALLOWED`.
 */
export async function readFileText(path: string, maxBytes?: number): Promise<string | undefined> {
  const file = await orMissing(path, () => open(path, constants.O_RDONLY | constants.O_NONBLOCK));
  if (!file) return undefined;
  try {
    if (!(await file.stat()).isFile()) return undefined;
    const chunks: Buffer[] = [];
    const most = maxBytes ?? MAX_BYTES + 1;
    // Not by size: files of /proc have none.
    for (let done = 0; done < most; ) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(most - done, 64 * 1024)), 0);
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
    const content = Buffer.concat(chunks);
    if (maxBytes === undefined && content.length > MAX_BYTES) {
      throw new AegirError('FILE_TOO_LARGE', `${path} has more than 64 MB`, 'Is it what it should be? Move it away.');
    }
    return content.toString('utf8');
  } finally {
    await file.close();
  }
}

/** What a path is, a link at its end not followed; undefined where there is nothing. */
export async function factOfPath(path: string): Promise<FileFact | undefined> {
  const stats = await orMissing(path, async () => lstatSync(path));
  if (!stats) return undefined;
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other';
  const { uid, gid, size, mtimeMs } = stats;
  const fact: FileFact = { kind, mode: stats.mode & 0o7777, uid, gid, size, modifiedMs: mtimeMs };
  if (kind !== 'link') return fact;
  const target = await orMissing(path, async () => readlinkSync(path));
  return target === undefined ? undefined : { ...fact, target };
}

/** Names in a folder, sorted; none where there is no folder. */
export const namesIn = async (path: string): Promise<string[]> =>
  (await orMissing(path, async () => readdirSync(path).sort())) ?? [];

/** Free bytes and inodes for ordinary users on the file system that a path lies on, or would. */
export async function freeSpace(path: string): Promise<{ bytes: number; inodes: number }> {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize, ffree, files } = await statfs(folder);
  // Some file systems count no inodes (files is 0): there they cannot run out.
  return { bytes: bavail * bsize, inodes: files === 0 ? Number.MAX_SAFE_INTEGER : ffree };
}

/** Runs a read; undefined when the path is not there, has a file for a folder, or is a circle of links. */
async function orMissing<T>(path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // ENXIO: a socket, or a device that is not there. ESRCH: a process of /proc that has just ended.
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ESRCH'].includes(code)) return undefined;
    throw fileError(error, path);
  }
}
