import { existsSync } from 'node:fs';
import Database, { type Statement } from 'better-sqlite3';
import { AegirError } from '../provision/model/errors.ts';
import { migrations } from './migrations/index.ts';
import { closeToOthers, makePrivate } from './private-file.ts';

/** An open inventory. Every function of `src/db` takes one. */
export type Inventory = Database.Database;

/**
 * Opens the inventory of a root, making it where there is none. An older schema is backed up beside the
 * file and migrated; a newer one is refused. The file is readable by its owner alone.
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

/** Opens an existing inventory for reading only; undefined where there is none. Never migrates. */
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

/** Runs `work` in one transaction that takes the write lock at once, so that it never fails half-way on a busy file. */
export function transact<T>(db: Inventory, work: () => T): T {
  return db.inTransaction ? work() : db.transaction(work).immediate();
}

/** What `work` gives, in a transaction that is taken back: nothing of it stays. Throws what `work` throws. */
export function transactAndTakeBack<T>(db: Inventory, work: () => T): T {
  const done: T[] = [];
  const takeBack = new Error('taken back');
  try {
    transact(db, () => {
      done.push(work());
      throw takeBack;
    });
  } catch (error) {
    if (error !== takeBack) throw error;
  }
  return done[0] as T;
}

/**
 * Runs writes that need not be on the disk at once: every process sees them as soon as they are committed, and they
 * outlive this one. Only when the machine loses its power they can be lost, and then with all that came after them, for
 * each durable commit takes those before it to the disk (SQLite, "PRAGMA synchronous", NORMAL in WAL mode). So nothing
 * that acts on something else may rely on them alone.
 */
export function commitLazily(db: Inventory, writes: () => void): void {
  // Within a transaction it is for that one to say, and SQLite does not let it be changed.
  if (db.inTransaction) {
    writes();
    return;
  }
  // It is set as it is compiled, so it cannot be kept as a statement.
  db.exec('PRAGMA synchronous = NORMAL');
  try {
    writes();
  } finally {
    db.exec('PRAGMA synchronous = FULL');
  }
}

/** True for an error that says that the inventory cannot be written now: its disk is full, or fails. */
export const isUnwritable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^SQLITE_(FULL|IOERR|BUSY|READONLY)/.test(String(error.code));

/** The present time as the inventory stores it: ISO 8601 UTC. */
export const now = (): string => new Date().toISOString();

/** SQLite's files beside it get the mode of the inventory when they are made, and may be there already. */
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
  // FULL: a task that was said to be queued, or a step that was journaled, survives a power cut.
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('cache_size = -2000');
  // Pages: bringing the log into the file waits for the disk too, and most of what tasks write is written over soon.
  db.pragma('wal_autocheckpoint = 4000');
  compileOnce(db);
}

/**
 * Compiles each statement once a connection: that costs more than most of them take. So one text is one statement,
 * with `pluck` and `raw` as they were said last: whoever keeps one while others use it must not differ from them.
 *
 * A value in a join or an ordered query, and a bound LIMIT, are written `+?` where it is asked often: for a bare `?`
 * SQLite compiles the statement anew with each other value, which might be worth another plan (sqlite3_prepare_v3,
 * ENABLE_STAT4).
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
    // Another process may have migrated while this one waited for the lock.
    for (const sql of steps.slice(schemaVersion(db))) db.exec(sql);
    db.pragma(`user_version = ${steps.length}`);
  });
}

function backUp(db: Inventory, copy: string): void {
  // SQLite takes a file that is there when it is empty.
  makePrivate(copy);
  db.prepare('VACUUM INTO ?').run(copy);
}

function refuseNewer(db: Inventory, known: number): void {
  const version = schemaVersion(db);
  if (version <= known) return;
  throw new AegirError(
    'INVENTORY_NEWER',
    `the inventory has schema version ${version}, this program knows versions up to ${known}`,
    'Run the newer version of aegir that wrote it, or go back to an older copy: aegir backup inventory list.',
  );
}

const schemaVersion = (db: Inventory): number => Number(db.pragma('user_version', { simple: true }));

function readableError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'SQLITE_NOTADB' || error.code === 'SQLITE_CORRUPT') {
    return new AegirError(
      'INVENTORY_DAMAGED',
      `${file} is not a whole SQLite database (${error.message})`,
      'aegir backup inventory list shows its copies, aegir backup inventory restore puts one in its place.',
    );
  }
  if (/^(SQLITE_CANTOPEN|SQLITE_READONLY|EACCES|EPERM|EROFS|ENOENT|ENOTDIR)$/.test(String(error.code))) {
    return new AegirError(
      'INVENTORY_UNREADABLE',
      `cannot open the inventory ${file} (${error.message})`,
      'Run aegir as the user who owns it (root on a server), or name another root with --root.',
    );
  }
  return error;
}
