import type { Connection } from 'mysql2/promise';
import { AegirError } from '../../model/errors.ts';
import type { ActOptions } from '../host.ts';

const CONNECT_MS = 10_000;
/** MariaDB waits a day for a table lock by default; a drop that cannot get it must fail sooner. */
const LOCK_WAIT_S = 30;

/**
 * Runs `work` with its own connection as MariaDB's root, who logs in by `unix_socket`. The connection is closed
 * afterwards, so that it never keeps the program alive; an abort cuts it. Throws `DB_UNREACHABLE`, `DB_TAKEN`,
 * `DB_BUSY`, `DISK_FULL`, `DB_FAILED`.
 */
export async function withRoot<T>(
  socketPath: string,
  { signal }: ActOptions,
  work: (db: Connection) => Promise<T>,
): Promise<T> {
  const db = await connect(socketPath);
  const cut = (): void => db.destroy();
  signal?.addEventListener('abort', cut, { once: true });
  try {
    signal?.throwIfAborted();
    await db.query(`SET SESSION lock_wait_timeout = ${LOCK_WAIT_S}`);
    return await work(db);
  } catch (error) {
    throw signal?.aborted ? signal.reason : databaseError(error, socketPath);
  } finally {
    signal?.removeEventListener('abort', cut);
    await db.end().catch(cut);
  }
}

async function connect(socketPath: string): Promise<Connection> {
  // Loaded lazily: the console starts without it.
  const { createConnection } = await import('mysql2/promise');
  try {
    const db = await createConnection({ socketPath, user: 'root', connectTimeout: CONNECT_MS, charset: 'utf8mb4' });
    // A server that stops closes the connection too; the running query reports that.
    db.on('error', () => {});
    return db;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AegirError(
      'DB_UNREACHABLE',
      `cannot log in to MariaDB as root through ${socketPath}: ${why}`,
      'Start MariaDB (aegir setup does); its root user must log in by unix_socket.',
    );
  }
}

/**
 * Error codes from MariaDB's manual, "MariaDB Error Codes": 1007 and 1396 already exists, 1205 lock timeout, 1040 too
 * many connections, 28 and 1021 disk full.
 */
const meanings: Record<number, { code: string; hint: string }> = {
  1007: { code: 'DB_TAKEN', hint: 'Somebody else made it; the next site gets the next name.' },
  1396: { code: 'DB_TAKEN', hint: 'Somebody else made it; the next site gets the next name.' },
  1205: { code: 'DB_BUSY', hint: 'See what holds the lock: SHOW PROCESSLIST in MariaDB. Then try again.' },
  1040: { code: 'DB_BUSY', hint: 'MariaDB has no free connection; raise max_connections or try again.' },
  1021: { code: 'DISK_FULL', hint: 'Make room on the disk of MariaDB, then try again.' },
  28: { code: 'DISK_FULL', hint: 'Make room on the disk of MariaDB, then try again.' },
};

function databaseError(error: unknown, socketPath: string): unknown {
  if (!(error instanceof Error) || error instanceof AegirError) return error;
  const number = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  if ('fatal' in error && error.fatal === true && meanings[number] === undefined) {
    const hint = 'See whether MariaDB is running, and its log.';
    return new AegirError('DB_UNREACHABLE', `MariaDB at ${socketPath} closed the connection: ${error.message}`, hint);
  }
  const { code, hint } = meanings[number] ?? { code: 'DB_FAILED', hint: 'See the log of MariaDB.' };
  return new AegirError(code, `MariaDB refused: ${error.message}`, hint);
}
