import { chmodSync, closeSync, lstatSync, openSync, type Stats } from 'node:fs';

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
