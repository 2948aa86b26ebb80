import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Inventory } from '../db/inventory.ts';
import { AegirError } from '../provision/errors.ts';
import type { RootPaths } from '../provision/paths.ts';

/** How many are kept, and how often the worker makes one. */
const KEPT = 14;
const EVERY_MS = 24 * 3600_000;

const folderOf = ({ backups }: Pick<RootPaths, 'backups'>): string => join(backups, 'inventory');

/** The backups of the inventory, newest first; absolute. */
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
 * Copies the inventory by SQLite's own online backup, while others write to it, and reads the copy back before it
 * counts; the oldest of more than fourteen goes. Gives the file. Throws `INVENTORY_DAMAGED`.
 */
export async function backupInventory(inventory: Inventory, paths: Pick<RootPaths, 'backups'>): Promise<string> {
  const folder = folderOf(paths);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stamp = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[:-]/g, '');
  const file = join(folder, `inventory-${stamp}.sqlite`);
  const part = `${file}.part`;
  try {
    await inventory.backup(part);
    check(part);
    renameSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
  for (const old of inventoryBackups(paths).slice(KEPT)) rmSync(old, { force: true });
  return file;
}

/** Makes one when the newest is a day old. */
export async function backupInventoryDaily(
  inventory: Inventory,
  paths: Pick<RootPaths, 'backups'>,
  nowMs = Date.now(),
): Promise<void> {
  const [newest] = inventoryBackups(paths);
  if (newest !== undefined && nowMs - statSync(newest).mtimeMs < EVERY_MS) return;
  await backupInventory(inventory, paths);
}

function check(file: string): void {
  const copy = new Database(file, { readonly: true });
  try {
    const [{ integrity_check: said } = { integrity_check: 'nothing' }] = copy.pragma('integrity_check') as {
      integrity_check: string;
    }[];
    if (said === 'ok') return;
    throw new AegirError(
      'INVENTORY_DAMAGED',
      `the copy of the inventory is damaged: ${said}`,
      'aegir doctor says more.',
    );
  } finally {
    copy.close();
  }
}
