import { randomBytes } from 'node:crypto';
import { backupsWithoutSize, findBackup, removeBackup, setUnpackedSize } from '../db/backups.ts';
import type { Inventory } from '../db/inventory.ts';
import { listServers } from '../db/servers.ts';
import type { Host } from '../provision/host/host.ts';
import { isAlive, processFact } from '../provision/host/local/processes.ts';
import { type ServerContext, serverPaths } from '../provision/model/context.ts';
import { backupPaths, readManifest } from '../provision/tasks/model/manifest.ts';
import { serverContextOf } from './contexts.ts';
import type { WorkerDeps } from './running.ts';
import { newMark } from './task-run.ts';

/** A unique folder name of this process, for a backup that is being imported. */
export const incomingName = (): string => `.incoming-${ownMark()}-${randomBytes(4).toString('hex')}`;

/** The same for a backup that is being removed; it contains the backup's name. */
export const removalName = (name: string): string => `.going-${ownMark()}-${name}`;

const ownMark = (): string => `${process.pid}-${processFact(process.pid)?.started ?? ''}`;

const LEFTOVER = /^\.(incoming|going)-(\d+)-(\d*)-(.+)$/;

/**
 * Finishes what crashed processes began with backups: an imported one that was recorded is moved to its place, one that
 * was being removed is removed, and an incomplete import is deleted. Those of running processes are left alone.
 * The size of unpacked backups, which older versions of the program did not record, is read from their manifests.
 */
export async function tidyBackups({ inventory, paths, hostFor }: Pick<WorkerDeps, 'inventory' | 'paths' | 'hostFor'>) {
  const [row] = listServers(inventory);
  if (!row) return;
  const server = serverContextOf(inventory, paths.root, row.name);
  const host = hostFor(server, newMark(paths, 'worker'));
  for (const folder of await host.list(serverPaths(server).backups)) {
    const [, kind, pid, started = '', name = ''] = LEFTOVER.exec(folder) ?? [];
    // The name used by earlier versions.
    const old = folder === '.incoming';
    if (!old && (kind === undefined || isRunning(Number(pid), started))) continue;
    if (kind === 'incoming') await finishIncoming(inventory, host, server, folder);
    if (kind === 'going') removeBackup(inventory, name);
    await host.act('tree.remove', { path: backupPaths(server, folder).folder });
  }
  await addMissingSizes(inventory, host, server);
}

/** Reads from the manifests the unpacked size of backups that older versions of the program made. */
async function addMissingSizes(db: Inventory, host: Host, server: ServerContext): Promise<void> {
  for (const name of backupsWithoutSize(db)) {
    const manifest = await readManifest(host, server, name).catch(() => undefined);
    if (manifest) setUnpackedSize(db, name, manifest.files.bytes);
  }
}

/** Moves an imported backup to its place, if it has a row: the row is written only once all of it was verified. */
async function finishIncoming(db: Inventory, host: Host, server: ServerContext, folder: string): Promise<void> {
  const manifest = await readManifest(host, server, folder).catch(() => undefined);
  if (!manifest || !findBackup(db, manifest.name)) return;
  const to = backupPaths(server, manifest.name).folder;
  if (!(await host.stat(to))) await host.act('tree.rename', { from: backupPaths(server, folder).folder, to });
}

/** Without /proc, a reused process id only delays the removal of a folder. */
function isRunning(pid: number, started: string): boolean {
  if (started !== '') return isAlive({ pid, started });
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
