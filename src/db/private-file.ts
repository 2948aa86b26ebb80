import { chmodSync, closeSync, lstatSync, openSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes an empty file that its owner alone can open, from its first moment: SQLite would make it by the umask, and
 * whoever has opened it once can lock it for ever. False where it is there already.
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

/** True for a file that nobody but this process's user can open. */
export const isPrivate = ({ uid, mode }: Stats): boolean =>
  (uid === 0 || uid === process.geteuid?.()) && (mode & 0o077) === 0;

/** Takes from a file what others may do with it; from one that is not there, or is somebody else's, nothing. */
export function closeToOthers(file: string): void {
  const fact = lstatSync(file, { throwIfNoEntry: false });
  if (fact?.isFile() && (fact.mode & 0o077) !== 0 && fact.uid === process.geteuid?.()) chmodSync(file, 0o600);
}

/** The files that lie in a root itself, with what they are: all of them are its owner's alone. */
export const rootFiles = (root: string): { file: string; fact: Stats }[] =>
  readdirSync(root)
    .map((name) => join(root, name))
    .map((file) => ({ file, fact: lstatSync(file, { throwIfNoEntry: false }) }))
    .filter((one): one is { file: string; fact: Stats } => one.fact?.isFile() === true);

/** Takes from the files of a root what others may do with them; the worker's lock is for who takes it to replace. */
export function closeRootFiles(root: string, workerLock: string): void {
  for (const { file } of rootFiles(root)) if (file !== workerLock) closeToOthers(file);
}
