import { join } from 'node:path';
import { type SiteContext, serverPaths, sitePaths } from '../../context.ts';
import type { Json } from '../../errors.ts';
import type { ActOptions, Host } from '../../host/host.ts';
import { dbDriver } from '../../services/registry.ts';
import type { Step, TaskContexts } from '../../task.ts';
import { liveOf } from './pack.ts';

type SiteTask = TaskContexts['site'];

/** Where a task lays a database aside: root's, so that what is put back is what was there. */
const snapshotFile = (site: SiteContext): string =>
  join(serverPaths(site.server).backups, `.snapshot-${site.handle}.zst`);

/** Lays a copy of the database aside, to which `restoreSnapshot` goes back; the result carries its `snapshot` sum. Undo removes it. */
export const takeSnapshot: Step<SiteTask> = {
  name: 'snapshot',
  title: 'Lay a copy of the database aside',
  async run({ site }, io) {
    io.save({});
    const from = await dbDriver(site.server).dump(io.host, site);
    const { sha256 } = await io.host.act('stream.save', { from, to: snapshotFile(site) }, liveOf(io));
    io.report({ snapshot: sha256 });
  },
  async undo({ site }, io) {
    await io.host.act('file.remove', { path: snapshotFile(site) });
  },
};

/** Removes that copy. */
export const removeSnapshot: Step<SiteTask> = {
  name: 'snapshot',
  title: 'Remove the copy of the database',
  async run({ site }, io) {
    await io.host.act('file.remove', { path: snapshotFile(site) });
  },
};

/**
 * Puts the database back as it was when `takeSnapshot` was done, and empties the site's temporary folder, where the
 * CMS keeps what it has read of the other one. For the undo of steps that come after it; can be run twice.
 */
export async function restoreSnapshot(host: Host, site: SiteContext, sha256: Json, live: ActOptions): Promise<void> {
  const { handle: user } = site;
  const { tmp } = sitePaths(site);
  const driver = dbDriver(site.server);
  await host.act('user.stop', { user });
  // Tables that came after the copy go with the old database.
  await driver.dropDatabase(host, site);
  await driver.make(host, site);
  const into = await driver.load(host, site);
  await host.act('stream.load', { from: snapshotFile(site), sha256: String(sha256), into }, live);
  await host.act('user.run', { user, file: 'find', args: [tmp, '-xdev', '-mindepth', '1', '-delete'], cwd: tmp });
}
