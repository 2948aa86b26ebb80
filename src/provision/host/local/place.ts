import { closeSync, constants, fchmodSync, fchownSync, fstatSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AegirError } from '../../model/errors.ts';
import { idsOf } from './accounts.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** Owner, group and mode of a file or folder. */
export interface Ownership {
  owner: string;
  group: string;
  mode: number;
}

/**
 * Sets owner and mode of a path through an open descriptor, so that a link is never followed. True if something
 * changed.
 */
export function setOwner(path: string, { owner, group, mode }: Ownership): boolean {
  const descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    return setOwnerOf(descriptor, { owner, group, mode });
  } finally {
    closeSync(descriptor);
  }
}

/** The same for an open descriptor. */
export function setOwnerOf(descriptor: number, { owner, group, mode }: Ownership): boolean {
  const ids = idsOf(owner, group);
  const before = fstatSync(descriptor);
  if (before.uid === ids.uid && before.gid === ids.gid && (before.mode & 0o7777) === mode) return false;
  if (before.uid !== ids.uid || before.gid !== ids.gid) {
    // Closed first: at no moment does a new owner or group have permissions meant for the old one.
    fchmodSync(descriptor, mode & 0o700);
    fchownSync(descriptor, ids.uid, ids.gid);
  }
  fchmodSync(descriptor, mode);
  return true;
}

/** Syncs a folder's entries to disk, so that they survive a power cut. */
export function syncFolder(path: string): void {
  const folder = openSync(path, O_RDONLY | O_DIRECTORY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * The temporary name of a file or link before it is renamed into place: hidden, with a suffix that no daemon's `include
 * *.conf` matches, and always the same, so that the next act removes what a crash has left.
 */
export const temporaryName = (path: string): string => join(dirname(path), `.${basename(path)}.aegir-new`);

/** Removes what a crash may have left behind on the way to `path`. */
export const clearTemporary = (path: string): void => rmSync(temporaryName(path), { force: true });

/** Refuses to replace something of another kind. */
export function takenBy(kind: string, path: string): never {
  throw new AegirError('PATH_TAKEN', `${path} exists and is not a ${kind}`, 'Move it away and try again.');
}

/** Turns a file system error that a person can fix into an AegirError; returns any other as it is. */
export function fileError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AegirError('DISK_FULL', `no space is left to write ${path}`, 'Make room on that disk, then try again.');
  }
  if (code === 'EROFS') {
    return new AegirError('DISK_READ_ONLY', `${path} is on a read-only file system`, 'See the kernel log: dmesg.');
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new AegirError('NOT_ALLOWED', `the program may not change ${path}`, 'Run it as root: sudo aegir …');
  }
  return error;
}
