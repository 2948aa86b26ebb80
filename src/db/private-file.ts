import { chmodSync, closeSync, lstatSync, openSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/**
 * Creates an empty file that only its owner can open, from the first moment: SQLite would create it with the umask, and
 * whoever has opened it once can lock it forever. False if it exists.
 */
export function makePrivate(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx', 0o600));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** True if only this process's user can open the file. */
export const isPrivate = ({ uid, mode }: Stats): boolean =>
  (uid === 0 || uid === process.geteuid?.()) && (mode & 0o077) === 0;

/** Removes the permissions of others from a file; does nothing if it is missing or belongs to somebody else. */
export function closeToOthers(file: string): void {
  const fact = lstatSync(file, { throwIfNoEntry: false });
  if (fact?.isFile() && (fact.mode & 0o077) !== 0 && fact.uid === process.geteuid?.()) chmodSync(file, 0o600);
}

/** The files directly in a root folder, with their facts: all of them are private to their owner. */
export const rootFiles = (root: string): { file: string; fact: Stats }[] =>
  readdirSync(root)
    .map((name) => join(root, name))
    .map((file) => ({ file, fact: lstatSync(file, { throwIfNoEntry: false }) }))
    .filter((one): one is { file: string; fact: Stats } => one.fact?.isFile() === true);

/**
 * Removes the permissions of others from the files of a root folder; the worker's lock is replaced by whoever takes it.
 */
export function closeRootFiles(root: string, workerLock: string): void {
  for (const { file } of rootFiles(root)) if (file !== workerLock) closeToOthers(file);
}
