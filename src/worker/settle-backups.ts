import { findBackup } from '../db/backups.ts';
import { backupsNotUndone } from '../db/task-recovery.ts';
import type { SiteContext } from '../provision/model/context.ts';
import { backupPaths, readManifest } from '../provision/tasks/model/manifest.ts';
import { recordManifest } from './backups.ts';
import type { WorkerDeps } from './running.ts';
import { newMark } from './task-run.ts';

/**
 * What tasks of a site that is gone could not undo of their backups. One that was read whole is recorded as any other:
 * it may be all that is left of the site as it was. Of the rest nothing stays.
 */
export async function settleBackups(
  { inventory, paths, hostFor }: Pick<WorkerDeps, 'inventory' | 'paths' | 'hostFor'>,
  { handle, server }: SiteContext,
): Promise<void> {
  for (const name of backupsNotUndone(inventory, handle)) {
    if (findBackup(inventory, name)) continue;
    const host = hostFor(server, newMark(paths, 'worker'));
    const manifest = await readManifest(host, server, name).catch(() => undefined);
    if (manifest) recordManifest({ inventory }, manifest);
    else await host.act('tree.remove', { path: backupPaths(server, name).folder });
  }
}
