import { basename, resolve } from 'node:path';
import { recordAudit } from '../db/audit.ts';
import { type BackupRow, findBackup, insertBackup, removeBackup, setBackupDate } from '../db/backups.ts';
import { type Inventory, transact } from '../db/inventory.ts';
import { listServers } from '../db/servers.ts';
import { uriByHandle } from '../db/sites.ts';
import { taskWithBackup } from '../db/tasks.ts';
import type { Host } from '../provision/host/host.ts';
import type { ServerContext } from '../provision/model/context.ts';
import { AegirError } from '../provision/model/errors.ts';
import { noSuchBackup } from '../provision/tasks/checks/availability.ts';
import { backupPaths, type Manifest, readBack, readManifest } from '../provision/tasks/model/manifest.ts';
import { factsOf } from '../provision/tasks/steps/pack.ts';
import { serverContextOf } from './contexts.ts';
import { hostOf } from './local-deps.ts';
import { type Access, refuseReadOnly } from './queue-access.ts';
import { recordsOf } from './records.ts';
import { incomingName, removalName } from './unfinished-backups.ts';

/** A backup with its manifest. Throws `NO_SUCH_OBJECT`, `BACKUP_MISSING`, `BACKUP_DAMAGED`. */
export async function showBackup(
  queue: Access,
  name: string,
): Promise<{ row: BackupRow; manifest: Manifest; folder: string }> {
  const row = findBackupOrThrow(queue, name);
  const { host, server } = machineOf(queue);
  return { row, manifest: await readManifest(host, server, name), folder: backupPaths(server, name).folder };
}

/** Verifies a whole backup. Throws `BACKUP_DAMAGED` or `BACKUP_UNSAFE` with the file at fault. */
export async function checkBackup(queue: Access, name: string): Promise<void> {
  const { manifest } = await showBackup(queue, name);
  const { host, server } = machineOf(queue);
  await readBack(host, backupPaths(server, name), manifest);
}

/** Exports a backup as one file, which can be imported elsewhere. Throws `FILE_EXISTS`. */
export async function exportBackup(queue: Access, name: string, file: string): Promise<void> {
  const { folder } = await exportableBackup(queue, name, file);
  const { host } = machineOf(queue);
  await host.act('backup.export', { folder, to: resolve(file) });
}

/** A backup that can be exported. Throws `FILE_EXISTS`, and as `showBackup`. */
export async function exportableBackup(
  queue: Access,
  name: string,
  file: string,
): Promise<{ row: BackupRow; folder: string }> {
  const { row, folder } = await showBackup(queue, name);
  const { host } = machineOf(queue);
  if (await host.stat(resolve(file))) {
    throw new AegirError(
      'FILE_EXISTS',
      `${resolve(file)} already exists`,
      'Name a file that does not exist yet.',
      'file',
    );
  }
  return { row, folder };
}

/** Imports an exported backup of this or another machine, after verifying all of it. Returns its name. */
export async function importBackup(queue: Access, file: string): Promise<string> {
  refuseReadOnly(queue);
  const { host, server } = machineOf(queue);
  const incoming = incomingName();
  const staging = backupPaths(server, incoming);
  try {
    await host.act('folder.make', { path: staging.folder, owner: 'root', group: 'root', mode: 0o700 });
    await host.act('backup.open', { archive: resolve(file), into: staging.folder });
    const manifest = await readManifest(host, server, incoming);
    const { name } = manifest;
    if (!/^[a-z0-9][a-z0-9.-]*-[0-9]{8}T[0-9]{6}Z-[0-9a-f]+$/.test(name)) {
      throw new AegirError(
        'BACKUP_UNKNOWN',
        `"${name}" is not the name of a backup`,
        'Make one with: aegir backup export',
      );
    }
    const { folder } = backupPaths(server, name);
    if (findBackup(queue.inventory, name)) throw alreadyKnown(name);
    if (await host.stat(folder)) {
      const hint = 'Add it to the inventory with aegir backup rebuild, or move it away.';
      throw new AegirError('FOLDER_EXISTS', `${folder} exists already`, hint, 'file');
    }
    await readBack(host, staging, manifest);
    const text = `${JSON.stringify({ ...manifest, foreign: true }, null, 2)}\n`;
    await host.act('file.write', { path: staging.manifest, text, mode: 0o600 });
    // The row is written first: if this process ends before the rename, the row shows a worker that all was verified.
    transact(queue.inventory, () => {
      if (findBackup(queue.inventory, name)) throw alreadyKnown(name);
      recordManifest(queue, manifest);
      recordAudit(queue.inventory, queue.actor, { action: 'backup.import', objectKind: 'backup', objectName: name });
    });
    await host.act('tree.rename', { from: staging.folder, to: folder }).catch((error: unknown) => {
      removeBackup(queue.inventory, name);
      throw error;
    });
    return name;
  } finally {
    await host.act('tree.remove', { path: staging.folder });
  }
}

const alreadyKnown = (name: string): AegirError =>
  new AegirError('NAME_TAKEN', `the backup ${name} exists already`, 'Nothing was imported.', 'file');

/**
 * A backup that can be removed, and its folder. Throws `NO_SUCH_OBJECT`, `BACKUP_IN_USE` while a task is waiting to use
 * it.
 */
export function removableBackup(queue: Access, name: string): { row: BackupRow; folder: string } {
  const row = findBackupOrThrow(queue, name);
  const user = taskWithBackup(queue.inventory, name);
  if (user !== undefined)
    throw new AegirError('BACKUP_IN_USE', `task ${user} uses ${name}`, 'Wait for it, or cancel it.');
  return { row, folder: backupPaths(machineOf(queue).server, name).folder };
}

/** Removes a backup. Throws as `removableBackup`, `READ_ONLY`. */
export async function deleteBackup(queue: Access, name: string): Promise<void> {
  refuseReadOnly(queue);
  const { folder } = removableBackup(queue, name);
  const { host, server } = machineOf(queue);
  // The folder is renamed first, in one step: its new name shows a later worker that it was being removed.
  const going = backupPaths(server, removalName(name)).folder;
  if (await host.stat(folder)) await host.act('tree.rename', { from: folder, to: going });
  transact(queue.inventory, () => {
    removeBackup(queue.inventory, name);
    recordAudit(queue.inventory, queue.actor, { action: 'backup.delete', objectKind: 'backup', objectName: name });
  });
  await host.act('tree.remove', { path: going });
}

/** The current URI of a backup's site in the inventory, or else its URI at the time of the backup. */
export const uriOf = (inventory: Inventory, { name, site }: Manifest): string =>
  findBackup(inventory, name)?.uri ?? uriByHandle(inventory, basename(site.home), site.createdAt) ?? site.uri;

/** Records an existing backup in the inventory, with its own date. */
export function recordManifest({ inventory }: Pick<Access, 'inventory'>, manifest: Manifest): void {
  const { name, site, platform, description, database, files, createdAt } = manifest;
  insertBackup(inventory, {
    ...{
      name,
      uri: uriOf(inventory, manifest),
      platform: platform.name,
      engine: platform.engine,
      version: platform.version,
    },
    ...{ description, kind: 'kept', site: { ...factsOf(site), filesBytes: files.bytes } },
    ...{ bytes: database.fileBytes + files.fileBytes, taskId: null },
  });
  setBackupDate(inventory, name, createdAt);
}

/** This machine's host and server for reading and writing backups. Throws `NO_SERVER`. */
export function machineOf({ inventory, paths }: Access): { host: Host; server: ServerContext } {
  const [row] = listServers(inventory);
  if (!row) throw new AegirError('NO_SERVER', `${paths.root} is not set up`, 'Run: aegir setup');
  const server = serverContextOf(inventory, paths.root, row.name);
  return { host: hostOf(inventory, paths, server), server };
}

/** A backup by its name. Throws `NO_SUCH_OBJECT`, whose hint names the newest backups. */
function findBackupOrThrow(access: Access, name: string): BackupRow {
  const row = findBackup(access.inventory, name);
  if (row) return row;
  throw noSuchBackup(recordsOf(access), name);
}
