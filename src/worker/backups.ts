import { recordAudit } from '../db/audit.ts';
import { type BackupRow, findBackup, listBackups, removeBackup } from '../db/backups.ts';
import { listServers } from '../db/servers.ts';
import { openTasks } from '../db/tasks.ts';
import type { ServerContext } from '../provision/context.ts';
import { AegirError } from '../provision/errors.ts';
import type { Host } from '../provision/host/host.ts';
import { backupPaths, type Manifest, readManifest } from '../provision/manifest.ts';
import { serverContextOf } from './contexts.ts';
import { hostOf } from './local-deps.ts';
import type { Queue } from './queue.ts';

/** A backup with what its manifest says. Throws `NO_SUCH_OBJECT`, `BACKUP_MISSING`, `BACKUP_DAMAGED`. */
export async function showBackup(
  queue: Queue,
  name: string,
): Promise<{ row: BackupRow; manifest: Manifest; folder: string }> {
  const row = mustFind(queue, name);
  const { host, server } = machineOf(queue);
  return { row, manifest: await readManifest(host, server, name), folder: backupPaths(server, name).folder };
}

/** Reads all of a backup back. Throws `BACKUP_DAMAGED` with the file at fault. */
export async function checkBackup(queue: Queue, name: string): Promise<void> {
  const { manifest } = await showBackup(queue, name);
  const { host, server } = machineOf(queue);
  const paths = backupPaths(server, name);
  await host.act('stream.check', { from: paths.database, sha256: manifest.database.sha256 });
  await host.act('stream.check', { from: paths.files, sha256: manifest.files.sha256 });
}

/** Removes a backup. Throws `BACKUP_IN_USE` while a task waits to use it, `READ_ONLY`. */
export async function deleteBackup(queue: Queue, name: string): Promise<void> {
  if (queue.readOnly) throw new AegirError('READ_ONLY', 'this is a read-only session', 'Start without --read-only.');
  mustFind(queue, name);
  const user = openTasks(queue.inventory).find((task) => task.args.backup === name);
  if (user) throw new AegirError('BACKUP_IN_USE', `task ${user.id} uses ${name}`, 'Wait for it, or cancel it.');
  const { host, server } = machineOf(queue);
  await host.act('tree.remove', { path: backupPaths(server, name).folder });
  removeBackup(queue.inventory, name);
  recordAudit(queue.inventory, queue.actor, {
    action: 'backup.delete',
    objectKind: 'backup',
    objectName: name,
  });
}

function mustFind({ inventory }: Queue, name: string): BackupRow {
  const row = findBackup(inventory, name);
  if (row) return row;
  const newest = listBackups(inventory)
    .slice(0, 3)
    .map((backup) => backup.name);
  const hint = newest.length > 0 ? `The newest: ${newest.join(', ')}.` : 'There is none yet.';
  throw new AegirError('NO_SUCH_OBJECT', `there is no backup ${name}`, hint);
}

function machineOf({ inventory, paths }: Queue): { host: Host; server: ServerContext } {
  const [row] = listServers(inventory);
  if (!row) throw new AegirError('NO_SERVER', `${paths.root} is not set up`, 'Run: aegir setup');
  const server = serverContextOf(inventory, paths.root, row.name);
  return { host: hostOf(inventory, paths, server), server };
}
