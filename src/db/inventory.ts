import { existsSync } from 'node:fs';
import Database, { type Statement } from 'better-sqlite3';
import { AegirError } from '../provision/model/errors.ts';
import { migrations } from './migrations/index.ts';
import { closeToOthers, makePrivate } from './private-file.ts';

/** An open inventory. Every function of `src/db` takes one. */
export type Inventory = Database.Database;

/**
 * Opens the inventory of a root folder, creating it if missing. An older schema is backed up beside the file and
 * migrated; a newer one is refused. Only its owner can read the file.
 *
 * Throws AegirError `INVENTORY_NEWER`, `INVENTORY_DAMAGED`, `INVENTORY_UNREADABLE`.
 */
export function openInventory(file: string, steps: readonly string[] = migrations): Inventory {
  const db = connect(file, keepPrivate);
  try {
    prepareConnection(db);
    migrate(db, file, steps);
    return db;
  } catch (error) {
    db.close();
    throw readableError(error, file);
  }
}

/** Opens an existing inventory read-only; undefined if there is none. Never migrates. */
export function openInventoryForReading(file: string): Inventory | undefined {
  if (!existsSync(file)) return undefined;
  const db = connect(file);
  try {
    prepareConnection(db);
    refuseNewer(db, migrations.length);
    return db;
  } catch (error) {
    db.close();
    throw readableError(error, file);
  }
}

/** Runs `work` in a transaction that takes the write lock at once, so that it never fails halfway on a busy file. */
export function transact<T>(db: Inventory, work: () => T): T {
  return db.inTransaction ? work() : db.transaction(work).immediate();
}

/** Runs `work` in a transaction that is then rolled back, and returns its result. Throws what `work` throws. */
export function transactAndRollBack<T>(db: Inventory, work: () => T): T {
  const done: T[] = [];
  const rollBack = new Error('rolled back');
  try {
    transact(db, () => {
      done.push(work());
      throw rollBack;
    });
  } catch (error) {
    if (error !== rollBack) throw error;
  }
  return done[0] as T;
}

/**
 * Commits writes without waiting for the disk: every process sees them, and they survive this process. Only a power cut
 * can lose them, together with everything after them, since each durable commit also writes those before it (SQLite,
 * "PRAGMA synchronous", NORMAL in WAL mode). So nothing with effects elsewhere may rely on them alone.
 */
export function commitLazily(db: Inventory, writes: () => void): void {
  // In a transaction the outer commit decides, and SQLite does not allow the setting to change.
  if (db.inTransaction) {
    writes();
    return;
  }
  // This pragma takes effect when it is compiled, so it cannot be a cached statement.
  db.exec('PRAGMA synchronous = NORMAL');
  try {
    writes();
  } finally {
    db.exec('PRAGMA synchronous = FULL');
  }
}

/** True for an error that means that the inventory cannot be written now: its disk is full, or fails. */
export const isUnwritable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^SQLITE_(FULL|IOERR|BUSY|READONLY)/.test(String(error.code));

/** The current time as the inventory stores it: ISO 8601 UTC. */
export const now = (): string => new Date().toISOString();

/** SQLite creates its additional files with the mode of the inventory, but they may exist already. */
function keepPrivate(file: string): void {
  if (makePrivate(file)) return;
  for (const end of ['', '-wal', '-shm', '-journal']) closeToOthers(file + end);
}

function connect(file: string, first: (file: string) => void = () => {}): Inventory {
  try {
    first(file);
    return new Database(file, { timeout: 10_000 });
  } catch (error) {
    throw readableError(error, file);
  }
}

function prepareConnection(db: Inventory): void {
  db.pragma('journal_mode = WAL');
  // FULL: a queued task or a journaled step survives a power cut.
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('cache_size = -2000');
  // In pages: a checkpoint waits for the disk too, and most writes of tasks are overwritten soon.
  db.pragma('wal_autocheckpoint = 4000');
  compileOnce(db);
}

/**
 * Compiles each statement only once per connection, since compiling costs more than running most of them. So each text
 * is one statement, with `pluck` and `raw` as last set: users of the same text must agree on them.
 *
 * Values in joins or ordered queries that run often, and a bound LIMIT, are written `+?`: for a bare `?` SQLite
 * recompiles the statement for each new value, since another plan might be better (sqlite3_prepare_v3, ENABLE_STAT4).
 */
function compileOnce(db: Inventory): void {
  const compiled = new Map<string, Statement>();
  const compile = db.prepare.bind(db) as (sql: string) => Statement;
  db.prepare = ((sql: string): Statement => {
    const known = compiled.get(sql);
    if (known) return known.reader ? known.pluck(false).raw(false) : known;
    const made = compile(sql);
    compiled.set(sql, made);
    return made;
  }) as Inventory['prepare'];
}

function migrate(db: Inventory, file: string, steps: readonly string[]): void {
  refuseNewer(db, steps.length);
  const version = schemaVersion(db);
  if (version === steps.length) return;
  if (version > 0) backUp(db, `${file}.v${version}.${now().replaceAll(':', '')}`);
  transact(db, () => {
    // Another process may have migrated while this one was waiting for the lock.
    for (const sql of steps.slice(schemaVersion(db))) db.exec(sql);
    db.pragma(`user_version = ${steps.length}`);
  });
}

function backUp(db: Inventory, copy: string): void {
  // SQLite accepts an existing file if it is empty.
  makePrivate(copy);
  db.prepare('VACUUM INTO ?').run(copy);
}

function refuseNewer(db: Inventory, known: number): void {
  const version = schemaVersion(db);
  if (version <= known) return;
  throw new AegirError(
    'INVENTORY_NEWER',
    `the inventory has schema version ${version}, but this program knows versions up to ${known} only`,
    'Run a newer version of aegir, such as the one that wrote it, or restore an older copy: aegir backup inventory list.',
  );
}

const schemaVersion = (db: Inventory): number => Number(db.pragma('user_version', { simple: true }));

function readableError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'SQLITE_NOTADB' || error.code === 'SQLITE_CORRUPT') {
    return new AegirError(
      'INVENTORY_DAMAGED',
      `${file} is not an intact SQLite database (${error.message})`,
      'aegir backup inventory list shows its copies, aegir backup inventory restore restores one.',
    );
  }
  if (/^(SQLITE_CANTOPEN|SQLITE_READONLY|EACCES|EPERM|EROFS|ENOENT|ENOTDIR)$/.test(String(error.code))) {
    return new AegirError(
      'INVENTORY_UNREADABLE',
      `cannot open the inventory ${file} (${error.message})`,
      'Run aegir as the user who owns it (root on a server), or choose another root folder with --root.',
    );
  }
  return error;
}
