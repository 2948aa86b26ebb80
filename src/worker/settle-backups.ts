import { findBackup } from '../db/backups.ts';
import { unrecordedBackups } from '../db/task-recovery.ts';
import type { SiteContext } from '../provision/model/context.ts';
import { backupPaths, readManifest } from '../provision/tasks/model/manifest.ts';
import { recordManifest } from './backups.ts';
import type { WorkerDeps } from './running.ts';
import { newMark } from './task-run.ts';

/**
 * Settles the backups that tasks of a deleted site could not undo. A verified one is recorded like any other, since it
 * may be all that is left of the site; the rest is removed.
 */
export async function settleBackups(
  { inventory, paths, hostFor }: Pick<WorkerDeps, 'inventory' | 'paths' | 'hostFor'>,
  { handle, server }: SiteContext,
): Promise<void> {
  for (const name of unrecordedBackups(inventory, handle)) {
    if (findBackup(inventory, name)) continue;
    const host = hostFor(server, newMark(paths, 'worker'));
    const manifest = await readManifest(host, server, name).catch(() => undefined);
    if (manifest) recordManifest({ inventory }, manifest);
    else await host.act('tree.remove', { path: backupPaths(server, name).folder });
  }
}
