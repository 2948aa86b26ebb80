import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Inventory } from '../db/inventory.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import { noteTrouble } from './trouble.ts';

/** How often the worker backs up the inventory. */
export const SAVED_EVERY_MS = 24 * 3600_000;
const KEPT = 14;

const folderOf = ({ backups }: Pick<RootPaths, 'backups'>): string => join(backups, 'inventory');

/** The absolute paths of the inventory's backups, newest first. */
export function inventoryBackups(paths: Pick<RootPaths, 'backups'>): string[] {
  const folder = folderOf(paths);
  const names = statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : [];
  return names
    .filter((name) => /^inventory-\d{8}T\d{6}Z\.sqlite$/.test(name))
    .sort()
    .reverse()
    .map((name) => join(folder, name));
}

/**
 * Copies the inventory with SQLite's online backup, while others write to it, and verifies the copy; keeps fourteen.
 * Returns the file. Throws `INVENTORY_DAMAGED`.
 */
export async function backupInventory(inventory: Inventory, paths: Pick<RootPaths, 'backups'>): Promise<string> {
  mkdirSync(folderOf(paths), { recursive: true, mode: 0o700 });
  const { file } = nextInventoryBackup(paths);
  const part = `${file}.part`;
  try {
    await inventory.backup(part);
    makeSingleFile(part);
    checkCopy(part);
    renameSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
  for (const old of inventoryBackups(paths).slice(KEPT)) if (old !== file) rmSync(old, { force: true });
  return file;
}

/** The file of the next backup, and those that it would replace. */
export function nextInventoryBackup(paths: Pick<RootPaths, 'backups'>): { file: string; going: string[] } {
  const stamp = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[:-]/g, '');
  const file = join(folderOf(paths), `inventory-${stamp}.sqlite`);
  return { file, going: inventoryBackups(paths).slice(KEPT - 1) };
}

/** Makes a backup if the newest is a day old. */
export async function backupInventoryDaily(
  inventory: Inventory,
  paths: Pick<RootPaths, 'backups'>,
  nowMs = Date.now(),
): Promise<void> {
  const [newest] = inventoryBackups(paths);
  // A backup with a date in the future was made when the clock was wrong.
  if (newest !== undefined && Math.abs(nowMs - statSync(newest).mtimeMs) < SAVED_EVERY_MS) return;
  await backupInventory(inventory, paths);
}

/** Sets a journal mode that needs no other files, so that one file is the complete copy. */
function makeSingleFile(file: string): void {
  const copy = new Database(file);
  copy.pragma('journal_mode = DELETE');
  copy.close();
}

/** When a copy was made (ISO 8601 UTC), according to its name; for any other name, its modification time. */
export function savedAtOf(file: string): string {
  const stamp = /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.sqlite$/.exec(file);
  if (!stamp) return statSync(file).mtime.toISOString();
  const [, year, month, day, hour, minute, second] = stamp;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}

/** Checks a whole copy. Throws `INVENTORY_DAMAGED`. */
export function checkCopy(file: string): void {
  const damaged = damageOf(file);
  if (damaged === '') return;
  throw new AegirError('INVENTORY_DAMAGED', `${file} is not an intact inventory: ${damaged}`, 'See aegir doctor.');
}

/** What is wrong with a copy; '' if it is intact. */
export function damageOf(file: string): string {
  let copy: Database.Database | undefined;
  try {
    copy = new Database(file, { readonly: true });
    const problem = String(copy.pragma('integrity_check(1)', { simple: true }));
    if (problem !== 'ok') return problem;
    const tables = copy.prepare("SELECT count(*) FROM sqlite_schema WHERE name IN ('task', 'site', 'handle')").pluck();
    return tables.get() === 3 ? '' : 'it lacks the tables of an inventory';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    copy?.close();
  }
}

/** Returns a function that backs up the inventory if due, and may be called often. Doctor reports missing backups. */
export function inventorySaver(inventory: Inventory, paths: Pick<RootPaths, 'backups' | 'workerLog'>): () => void {
  let nextMs = 0;
  return () => {
    // Measured without the machine's clock, which may be set back. A disk that is full now may have space in an hour.
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + 3600_000;
    backupInventoryDaily(inventory, paths).catch((error) => noteTrouble(paths, 'backup of the inventory', error));
  };
}
