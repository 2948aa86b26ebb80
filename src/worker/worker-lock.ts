import { lstatSync, renameSync, rmSync, type Stats } from 'node:fs';
import Database from 'better-sqlite3';
import { isPrivate, makePrivate } from '../db/private-file.ts';
import { lockHolder, strangersIn } from '../provision/host/local/file-holders.ts';

/** Proof of being the one worker of a root. The operating system frees it the moment the process dies. */
export interface WorkerLock {
  release(): void;
}

/**
 * The process that is the worker of a root now, by its lock file; undefined where there is none, or no /proc. Costs a
 * look at every process that holds a lock.
 */
export const workerProcess = (file: string): number | undefined => lockHolder(file);

/**
 * Tries to become the worker: an exclusive transaction on a lock file of its own, held while the process
 * lives. Nothing to renew, so a stopped process (ctrl-z) stays the worker. Returns undefined, at once,
 * while another process holds it.
 *
 * The file is its owner's alone, for a read lock is enough to keep every worker out. One that others could open is
 * replaced, and so is one that another user has locked: a lock lasts as long as its holder, whatever the mode is now.
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
 * Puts a fresh file in the place of the lock. It is locked before it is there, so that nobody comes between, and who
 * else replaces it at the same time must have locked the same one first. A program of before knows nothing of that, so
 * the old file, where it can be locked, stays so for as long.
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
  // Without the old lock, a program of before may have come to be the worker meanwhile.
  if (mine && isAt(file, found) && (old || lockHolder(file) === undefined)) {
    renameSync(fresh, file);
    // What a program of before has left of its journal would be taken for this file's.
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
    // Nothing is ever written, and no file is to lie beside it.
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
