import { randomBytes } from 'node:crypto';
import { findBackup, removeBackup } from '../db/backups.ts';
import type { Inventory } from '../db/inventory.ts';
import { listServers } from '../db/servers.ts';
import type { Host } from '../provision/host/host.ts';
import { isAlive, processFact } from '../provision/host/local/processes.ts';
import { type ServerContext, serverPaths } from '../provision/model/context.ts';
import { backupPaths, readManifest } from '../provision/tasks/model/manifest.ts';
import { serverContextOf } from './contexts.ts';
import type { WorkerDeps } from './running.ts';
import { newMark } from './task-run.ts';

/** Names a folder of this process beside the backups, for one that comes; nobody else has the same. */
export const incomingName = (): string => `.incoming-${ownMark()}-${randomBytes(4).toString('hex')}`;

/** The same for one that goes; its name is in it. */
export const goingName = (name: string): string => `.going-${ownMark()}-${name}`;

const ownMark = (): string => `${process.pid}-${processFact(process.pid)?.started ?? ''}`;

const HALF = /^\.(incoming|going)-(\d+)-(\d*)-(.+)$/;

/**
 * Ends what processes that died have begun with backups: one that was recorded gets its place, one that was on its way
 * out is gone, and what was not read whole goes. What living processes do is left to them.
 */
export async function tidyBackups({ inventory, paths, hostFor }: Pick<WorkerDeps, 'inventory' | 'paths' | 'hostFor'>) {
  const [row] = listServers(inventory);
  if (!row) return;
  const server = serverContextOf(inventory, paths.root, row.name);
  const host = hostFor(server, newMark(paths, 'worker'));
  for (const folder of await host.list(serverPaths(server).backups)) {
    const [, kind, pid, started = '', name = ''] = HALF.exec(folder) ?? [];
    // Before they had names of their own.
    const old = folder === '.incoming';
    if (!old && (kind === undefined || lives(Number(pid), started))) continue;
    if (kind === 'incoming') await finishIncoming(inventory, host, server, folder);
    if (kind === 'going') removeBackup(inventory, name);
    await host.act('tree.remove', { path: backupPaths(server, folder).folder });
  }
}

/** It was read whole when its row was made. */
async function finishIncoming(db: Inventory, host: Host, server: ServerContext, folder: string): Promise<void> {
  const manifest = await readManifest(host, server, folder).catch(() => undefined);
  if (!manifest || !findBackup(db, manifest.name)) return;
  const to = backupPaths(server, manifest.name).folder;
  if (!(await host.stat(to))) await host.act('tree.rename', { from: backupPaths(server, folder).folder, to });
}

/** Where there is no /proc, a number that was given again only makes a folder stay for longer. */
function lives(pid: number, started: string): boolean {
  if (started !== '') return isAlive({ pid, started });
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
