import { z } from 'zod';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import { backupPaths } from '../model/manifest.ts';
import type { StepIo } from '../model/task.ts';
import { liveOf } from './pack.ts';
import { fillFiles } from './release.ts';

/** A backup made by a task before its work, and when that work began; plain JSON for the journal. */
export const madeBackup = z.object({
  backup: z.string(),
  database: z.object({ sha256: z.string() }),
  files: z.object({ sha256: z.string() }),
  heldAt: z.number(),
});
export type MadeBackup = z.infer<typeof madeBackup>;

/**
 * Rolls a site's database and files back to the start of a task, and empties the temporary folder, where the CMS caches
 * data from them. Files are restored only if any has changed. For undo, while there are no visitors; idempotent.
 */
export async function rollBack(site: SiteContext, made: MadeBackup, io: StepIo): Promise<void> {
  const { handle: user, server } = site;
  const { tmp } = sitePaths(site);
  const from = backupPaths(server, made.backup);
  const driver = io.services.db(server);
  await io.host.act('user.stop', { user });
  // Tables created after the backup vanish with the old database.
  await driver.dropDatabase(io.host, site);
  await driver.make(io.host, site);
  const into = await driver.load(io.host, site);
  await io.host.act('stream.load', { from: from.database, sha256: made.database.sha256, into }, liveOf(io));
  if (await filesChanged(site, made.heldAt, io)) {
    await fillFiles(site, io, async (unpack) => {
      await io.host.act('stream.load', { from: from.files, sha256: made.files.sha256, into: unpack }, liveOf(io));
    });
  }
  await io.host.act('user.run', { user, file: 'find', args: [tmp, '-xdev', '-mindepth', '1', '-delete'], cwd: tmp });
}

/** True if a site's files have changed since a time, or if that is unknown. Uses ctime, which nobody can set back. */
async function filesChanged(site: SiteContext, sinceMs: number, io: StepIo): Promise<boolean> {
  const { files, private: own, extensions, config } = sitePaths(site);
  const sets = [files, own, extensions, config];
  for (const set of sets) if (!(await io.host.stat(set))) return true;
  const args = [...sets, '-newerct', `@${(sinceMs / 1000).toFixed(3)}`, '-print', '-quit'];
  const { code, stdout } = await io.host.act('user.run', { user: site.handle, file: 'find', args, cwd: '/' });
  if (stdout !== '') io.log('info', `${stdout.trim()} has changed: the files are restored`);
  return code !== 0 || stdout !== '';
}
