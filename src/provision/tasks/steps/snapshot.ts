import { join } from 'node:path';
import { type SiteContext, sitePaths } from '../../context.ts';
import { AegirError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { dbDriver } from '../../services/registry.ts';
import type { Step, TaskContexts } from '../../task.ts';

type SiteTask = TaskContexts['site'];

/** Where a task lays the database aside: among what belongs to the release and is the site's alone. */
const snapshotFile = (site: SiteContext): string => join(sitePaths(site).config, '.aegir-snapshot');

/** Lays a copy of the database aside, as the site's user, to which `restoreSnapshot` goes back. Undo removes it. */
export const takeSnapshot: Step<SiteTask> = {
  name: 'snapshot',
  title: 'Lay a copy of the database aside',
  async run({ site }, io) {
    io.save({});
    await removeFile(io.host, site);
    await dbDriver(site.server).snapshot(io.host, site, snapshotFile(site), io);
  },
  undo: ({ site }, io) => removeFile(io.host, site),
};

/** Removes that copy. */
export const removeSnapshot: Step<SiteTask> = {
  name: 'snapshot',
  title: 'Remove the copy of the database',
  run: ({ site }, io) => removeFile(io.host, site),
};

/**
 * Puts the database back as it was when `takeSnapshot` was done, and empties the site's temporary folder, where the
 * CMS keeps what it has read of the other one. For the undo of steps that come after it; can be run twice.
 */
export async function restoreSnapshot(host: Host, site: SiteContext, live: { signal?: AbortSignal }): Promise<void> {
  const { handle: user } = site;
  const { tmp } = sitePaths(site);
  await host.act('user.stop', { user });
  await dbDriver(site.server).restore(host, site, snapshotFile(site), live);
  await host.act('user.run', { user, file: 'find', args: [tmp, '-xdev', '-mindepth', '1', '-delete'], cwd: tmp });
}

async function removeFile(host: Host, site: SiteContext): Promise<void> {
  const { config } = sitePaths(site);
  const command = { user: site.handle, file: 'rm', args: ['-f', '--', snapshotFile(site)], cwd: config };
  const { code, stderr } = await host.act('user.run', command);
  if (code === 0) return;
  throw new AegirError(
    'FILE_FAILED',
    `${snapshotFile(site)} cannot be removed: ${stderr}`,
    'See the disk and its rights.',
  );
}
