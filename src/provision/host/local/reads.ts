import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { constants, open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AegirError } from '../../model/errors.ts';
import type { FileFact, Look, Looked, Reads } from '../host.ts';
import { openFileHere } from './open-file.ts';
import { fileError } from './place.ts';

/** Longest file that is read whole: the program reads configuration; logs have a reader of their own. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The text of a file, or its first `maxBytes`; undefined if it does not exist or is not a regular file, since a pipe in
 * a site's folder must not block the program. Throws `FILE_TOO_LARGE`, `NOT_ALLOWED`.
 */
export async function readFileText(path: string, maxBytes?: number): Promise<string | undefined> {
  const file = await orMissing(path, () => open(path, constants.O_RDONLY | constants.O_NONBLOCK));
  if (!file) return undefined;
  try {
    if (!(await file.stat()).isFile()) return undefined;
    const chunks: Buffer[] = [];
    const most = maxBytes ?? MAX_BYTES + 1;
    // Read to the end, not to the size: files in /proc have none.
    for (let done = 0; done < most; ) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(most - done, 64 * 1024)), 0);
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
    const content = Buffer.concat(chunks);
    if (maxBytes === undefined && content.length > MAX_BYTES) {
      throw new AegirError(
        'FILE_TOO_LARGE',
        `${path} has more than 64 MB`,
        'Check whether it is the right file, or move it away.',
      );
    }
    return content.toString('utf8');
  } finally {
    await file.close();
  }
}

/** Facts about a path, without following a link at its end; undefined if it does not exist. */
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

/** Names in a folder, sorted; empty if it does not exist. */
export const namesIn = async (path: string): Promise<string[]> =>
  (await orMissing(path, async () => readdirSync(path).sort())) ?? [];

/** Reads at a time: each may have a file open. */
const AT_ONCE = 32;

/** Many reads, answered in their order. */
export async function lookAt(wanted: readonly Look[]): Promise<Looked[]> {
  const seen: Looked[] = [];
  for (let at = 0; at < wanted.length; at += AT_ONCE)
    seen.push(...(await Promise.all(wanted.slice(at, at + AT_ONCE).map(lookOnce))));
  return seen;
}

async function lookOnce(look: Look): Promise<Looked> {
  if ('list' in look) return { names: await namesIn(look.list) };
  if ('stat' in look) return { fact: await factOfPath(look.stat) };
  return { text: await readFileText(look.text, look.maxBytes) };
}

/** What can be read on this machine. */
export const readsHere: Reads = {
  readText: readFileText,
  stat: factOfPath,
  list: namesIn,
  look: lookAt,
  open: openFileHere,
};

/** Free bytes and inodes for ordinary users on the file system of a path, which need not exist yet. */
export async function freeSpace(path: string): Promise<{ bytes: number; inodes: number }> {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize, ffree, files } = await statfs(folder);
  // Some file systems have no fixed number of inodes (files is 0).
  return { bytes: bavail * bsize, inodes: files === 0 ? Number.MAX_SAFE_INTEGER : ffree };
}

/** Runs a read; undefined if the path does not exist, goes through a file, or is a loop of links. */
async function orMissing<T>(path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // ENXIO: a socket, or a missing device. ESRCH: a /proc file of a process that has just ended.
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ESRCH'].includes(code)) return undefined;
    throw fileError(error, path);
  }
}
