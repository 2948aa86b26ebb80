import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { recordAudit } from '../db/audit.ts';
import { listBackups, removeBackup } from '../db/backups.ts';
import { type Inventory, openInventory, transact } from '../db/inventory.ts';
import { listSites } from '../db/sites.ts';
import { endTask } from '../db/task-changes.ts';
import { listTasks, openTasks, type TaskRow } from '../db/tasks.ts';
import { continueNumbersAbove, copyHandles, highestNumber } from '../db/used-numbers.ts';
import { AegirError, type ErrorDocument } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import { ringBell } from './bell.ts';
import { removeCreated } from './creations.ts';
import { backupInventory, checkCopy, inventoryBackups, savedAtOf } from './inventory-backup.ts';
import { type Access, refuseReadOnly } from './queue-access.ts';
import { tryWorkerLock } from './worker-lock.ts';

/** What restoring a copy of the inventory would change. */
export interface InventoryRestorePlan {
  file: string;
  /** ISO 8601 UTC. */
  savedAt: string;
  /** Why the current inventory cannot be read; '' if it can. */
  damaged: string;
  /** Current sites that the copy does not contain, and sites of the copy that no longer exist. */
  forgotten: string[];
  returning: string[];
  /** Sites that have another release now, because of a restore or a migration. */
  changed: string[];
  /** Tasks that were waiting or running when the copy was made: they are not restarted. */
  open: { id: number; type: string; object: string }[];
}

type Asked = Pick<Access, 'paths' | 'actor' | 'readOnly'>;

/**
 * Plans the restore of a copy of the inventory; changes nothing. `name` is a file, or its name among the copies. Throws
 * `NO_SUCH_OBJECT`, `INVENTORY_DAMAGED`, `INVENTORY_NEWER`.
 */
export async function planInventoryRestore(paths: RootPaths, name: string): Promise<InventoryRestorePlan> {
  const file = findCopy(paths, name);
  return withCopy(paths, file, (copy) => {
    const { current, damaged } = openCurrent(paths);
    try {
      return { file, savedAt: savedAtOf(file), damaged, ...compare(copy, current) };
    } finally {
      current?.close();
    }
  });
}

/**
 * Restores a copy of the inventory: in one transaction, so that open consoles see either the old or the new one. The
 * current inventory is backed up first; a damaged one is kept under another name. Returns where. Throws as the plan
 * does, and `WORKER_RUNS`, `READ_ONLY`.
 */
export async function restoreInventory(
  asked: Asked,
  name: string,
): Promise<{ plan: InventoryRestorePlan; saved: string }> {
  refuseReadOnly(asked);
  const { paths } = asked;
  const plan = await planInventoryRestore(paths, name);
  const lock = tryWorkerLock(paths.workerLock);
  if (!lock) {
    throw new AegirError(
      'WORKER_RUNS',
      'another process is the worker of this root: "aegir worker", or a console',
      'Stop it first (systemctl stop aegir-worker); then run this again.',
    );
  }
  try {
    const saved = await putInPlace(asked, plan);
    ringBell(paths.bell);
    return { plan, saved };
  } finally {
    lock.release();
  }
}

async function putInPlace({ paths, actor }: Asked, plan: InventoryRestorePlan): Promise<string> {
  const { current } = openCurrent(paths);
  try {
    // The copy to restore may be the oldest one, which the backup of the current inventory would remove.
    return await withCopy(paths, plan.file, async (copy) => {
      const saved = current ? await backupInventory(current, paths) : setAside(paths);
      if (current) copyHandles(copy, current);
      reconcile(copy, paths, plan, current);
      recordAudit(copy, actor, {
        action: 'inventory.restore',
        objectKind: 'inventory',
        objectName: basename(plan.file),
      });
      await copy.backup(paths.inventory);
      chmodSync(paths.inventory, 0o600);
      return saved;
    });
  } finally {
    current?.close();
  }
}

/** Cancels the open tasks of the copy, whose journals must not undo later work, and reserves ids that are in use. */
function reconcile(
  copy: Inventory,
  paths: RootPaths,
  { savedAt }: InventoryRestorePlan,
  current: Inventory | undefined,
): void {
  const numbersIn = (folder: string): number[] =>
    existsSync(folder) ? readdirSync(folder).map((name) => Number(/^[a-z]*(\d+)/.exec(name)?.[1] ?? 0)) : [];
  const given = (table: 'handle' | 'task', folder: string): number =>
    Math.max(...numbersIn(folder), current ? highestNumber(current, table) : 0);
  transact(copy, () => {
    for (const task of unfinishedTasks(copy)) {
      removeCreated(copy, task.objectKind, task.objectName);
      endTask(copy, task.id, { state: 'cancelled', error: overtaken(task, savedAt) });
    }
    continueNumbersAbove(copy, 'task', given('task', paths.taskLogs));
    continueNumbersAbove(copy, 'handle', given('handle', paths.sites));
    for (const { name } of listBackups(copy)) if (!existsSync(join(paths.backups, name))) removeBackup(copy, name);
  });
}

const overtaken = ({ type, objectName }: TaskRow, savedAt: string): ErrorDocument => ({
  code: 'INVENTORY_RESTORED',
  message: `${type} ${objectName} was open when the inventory was saved (${savedAt}), which has been restored`,
  hint: 'Check its object with a verify.',
});

/** Tasks that a worker would continue. */
const unfinishedTasks = (copy: Inventory): TaskRow[] => [
  ...openTasks(copy),
  ...listTasks(copy).filter(({ unfinished }) => unfinished !== null),
];

function compare(
  copy: Inventory,
  current: Inventory | undefined,
): Omit<InventoryRestorePlan, 'file' | 'savedAt' | 'damaged'> {
  const [then, now] = [copy, current].map((db) => new Map((db ? listSites(db) : []).map((site) => [site.uri, site])));
  const [known = new Map(), there = new Map()] = [then, now];
  return {
    forgotten: [...there.keys()].filter((uri) => !known.has(uri)),
    returning: current ? [...known.keys()].filter((uri) => !there.has(uri)) : [],
    changed: [...known.values()]
      .filter(({ uri, databaseName }) => (there.get(uri) ?? { databaseName }).databaseName !== databaseName)
      .map(({ uri }) => uri),
    open: unfinishedTasks(copy).map(({ id, type, objectName }) => ({ id, type, object: objectName })),
  };
}

/** Works on a temporary copy, migrated to this program's schema. */
async function withCopy<T>(paths: RootPaths, file: string, work: (copy: Inventory) => T | Promise<T>): Promise<T> {
  checkCopy(file);
  const folder = mkdtempSync(join(paths.root, '.inventory-'));
  let copy: Inventory | undefined;
  try {
    const own = join(folder, 'inventory.sqlite');
    copyFileSync(file, own);
    copy = openInventory(own);
    return await work(copy);
  } finally {
    copy?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The current inventory; undefined, with the reason, if it is damaged or missing. */
function openCurrent(paths: RootPaths): { current: Inventory | undefined; damaged: string } {
  if (!existsSync(paths.inventory)) return { current: undefined, damaged: 'there is none' };
  try {
    return { current: openInventory(paths.inventory), damaged: '' };
  } catch (error) {
    if (error instanceof AegirError && error.code === 'INVENTORY_DAMAGED') {
      return { current: undefined, damaged: error.message };
    }
    throw error;
  }
}

/** Renames a damaged inventory with its journal files; returns its new name, '' if there is none. */
function setAside({ inventory }: RootPaths): string {
  const aside = `${inventory}.damaged.${new Date().toISOString().replaceAll(':', '')}`;
  for (const end of ['', '-wal', '-shm']) if (existsSync(inventory + end)) renameSync(inventory + end, aside + end);
  return existsSync(aside) ? aside : '';
}

function findCopy(paths: RootPaths, name: string): string {
  const all = inventoryBackups(paths);
  const file = isAbsolute(name) ? name : all.find((known) => basename(known) === name || savedAtOf(known) === name);
  if (file !== undefined && statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
  throw new AegirError(
    'NO_SUCH_OBJECT',
    `there is no copy of the inventory ${name}`,
    'aegir backup inventory list shows what there is; give the full path of a file elsewhere.',
  );
}
