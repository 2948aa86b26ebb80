import Database from 'better-sqlite3';

/** Proof of being the one worker of a root. The operating system frees it the moment the process dies. */
export interface WorkerLock {
  release(): void;
}

/**
 * Tries to become the worker: an exclusive transaction on a lock file of its own, held while the process
 * lives. Nothing to renew, so a stopped process (ctrl-z) stays the worker. Returns undefined, at once,
 * while another process holds it.
 */
export function tryWorkerLock(file: string): WorkerLock | undefined {
  const db = new Database(file, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: () => db.close() };
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
