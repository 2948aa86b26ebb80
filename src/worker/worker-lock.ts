import { lstatSync, renameSync, rmSync, type Stats } from 'node:fs';
import Database from 'better-sqlite3';
import { isPrivate, makePrivate } from '../db/private-file.ts';
import { lockHolder, strangersIn } from '../provision/host/local/file-holders.ts';

/** Proof of being the only worker of a root folder. The operating system releases it when the process dies. */
export interface WorkerLock {
  release(): void;
}

/**
 * The process that holds a worker lock file; undefined if there is none, or no /proc. Inspects every process that holds
 * a lock.
 */
export const workerProcess = (file: string): number | undefined => lockHolder(file);

/**
 * Tries to become the worker by an exclusive transaction on a separate lock file, held as long as the process lives.
 * The lock needs no renewal, so a stopped process (ctrl-z) stays the worker. Returns undefined at once while another
 * process holds the lock.
 *
 * Only the owner may open the file, since even a read lock would block every worker. A file that others could open
 * is replaced, and so is one that another user has locked: a lock lasts as long as its holder, whatever the mode is
 * now.
 */
export function tryWorkerLock(file: string): WorkerLock | undefined {
  makePrivate(file);
  const found = lstatSync(file);
  const held = lock(file);
  if (held && isPrivate(found) && isAt(file, found)) return { release: () => held.close() };
  const stolen = !held && lockHolder(file) === undefined && (!isPrivate(found) || strangersIn([file]).length > 0);
  if (held || stolen) return replace(file, found, held);
  return undefined;
}

/**
 * Replaces the lock file. The new one is locked before it is renamed into place, so that nobody gets in between, and
 * others who replace it at the same time must lock the same file first. An older version of the program does not know
 * this, so the old file, if it can be locked, stays locked as well.
 */
function replace(file: string, found: Stats, old: Database.Database | undefined): WorkerLock | undefined {
  const fresh = `${file}.new`;
  makePrivate(fresh);
  const made = lstatSync(fresh);
  const held = lock(fresh);
  const mine = held !== undefined && isAt(fresh, made);
  const release = (): void => {
    held?.close();
    old?.close();
  };
  // Without the old lock, an older version may have become the worker meanwhile.
  if (mine && isAt(file, found) && (old || lockHolder(file) === undefined)) {
    renameSync(fresh, file);
    // SQLite would take the journal of an older version for this file's.
    rmSync(`${file}-journal`, { force: true });
    return { release };
  }
  if (mine) rmSync(fresh);
  release();
  return undefined;
}

const isAt = (file: string, { ino, dev }: { ino: number; dev: number }): boolean => {
  const now = lstatSync(file, { throwIfNoEntry: false });
  return now?.ino === ino && now.dev === dev;
};

function lock(file: string): Database.Database | undefined {
  const db = new Database(file, { timeout: 0 });
  try {
    // Nothing is ever written, and no additional file should appear.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
