import { spawn } from 'node:child_process';
import type { RowDataPacket } from 'mysql2/promise';
import type { ActOptions } from '../host.ts';
import { type Leader, leaderOf, signalGroup } from '../local/processes.ts';
import { SYSTEM_PATH } from '../local/system-path.ts';
import { withRoot } from './mariadb.ts';

/** The largest statement that MariaDB accepts (max_allowed_packet), in bytes. */
const MOST = 1024 ** 3;

interface Raised {
  /** How many loads are running. */
  count: number;
  /**
   * The limit before the first load, and the process that restores it should this one be killed; undefined where it was
   * already the maximum.
   */
  before: { bytes: number; guard: Leader | undefined } | undefined;
}
/** Servers whose limit is raised at the moment, by socket. */
const raised = new Map<string, Raised>();
let turn: Promise<unknown> = Promise.resolve();

/**
 * Raises MariaDB's statement limit to its maximum while `work` runs: a dump puts a whole row into one statement, which
 * can be longer than any statement that wrote it. A connection keeps the limit that held when it began.
 */
export async function withLongStatements<T>(
  socket: string | undefined,
  live: ActOptions,
  work: () => Promise<T>,
): Promise<T> {
  if (socket === undefined) return work();
  await inTurn(() => raise(socket, live));
  try {
    return await work();
  } finally {
    // If the server has ended meanwhile, it starts again with its own limit.
    await inTurn(() => lower(socket)).catch(() => {});
  }
}

function inTurn(change: () => Promise<void>): Promise<void> {
  const done = turn.then(change, change);
  turn = done.catch(() => {});
  return done;
}

async function raise(socket: string, live: ActOptions): Promise<void> {
  const known = raised.get(socket);
  if (known) {
    known.count += 1;
    return;
  }
  await withRoot(socket, live, async (db) => {
    const [rows] = await db.query<RowDataPacket[]>('SELECT @@GLOBAL.max_allowed_packet AS bytes');
    const bytes = Number(rows[0]?.bytes);
    const before = bytes < MOST ? { bytes, guard: startGuard(socket, bytes) } : undefined;
    try {
      if (before) await db.query(setTo(MOST));
    } catch (error) {
      endGuard(before);
      throw error;
    }
    raised.set(socket, { count: 1, before });
  });
}

async function lower(socket: string): Promise<void> {
  const known = raised.get(socket);
  if (!known) return;
  known.count -= 1;
  if (known.count > 0) return;
  raised.delete(socket);
  if (!known.before) return;
  const { bytes } = known.before;
  await withRoot(socket, {}, (db) => db.query(setTo(bytes)));
  endGuard(known.before);
}

function endGuard(before: Raised['before']): void {
  signalGroup(before?.guard, 'SIGKILL');
}

const setTo = (bytes: number): string => `SET GLOBAL max_allowed_packet = ${bytes}`;

/** Starts a process that restores the limit when this one ends for any reason: its standard input closes then. */
function startGuard(socket: string, bytes: number): Leader | undefined {
  const script = `trap '' TERM INT HUP; cat >/dev/null; exec mariadb --no-defaults --user=root "--socket=$1" -e "$2"`;
  const guard = spawn('sh', ['-c', script, 'sh', socket, setTo(bytes)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: { PATH: SYSTEM_PATH },
  });
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  guard.unref();
  return leaderOf(guard.pid);
}
