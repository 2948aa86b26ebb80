import { join } from 'node:path';
import { writeFiles } from '../../host/change-files.ts';
import { sitePaths } from '../../model/context.ts';
import { backupPaths, readBack, readManifest } from '../model/manifest.ts';
import type { Step, TaskContext } from '../model/task.ts';
import { letContentFollow } from './content.ts';
import { timed } from './outage.ts';
import { liveOf, unpacking } from './pack.ts';
import { incoming, incomingSets, linksOf, nextRelease } from './release.ts';
import { settingsWith } from './settings.ts';
import { updateContent } from './updates.ts';

type FromBackup = TaskContext<'site', { backup: string }>;

/** Verifies the whole backup first, so that damage is reported while nothing has changed. */
export const readBackup: Step<FromBackup> = {
  name: 'read',
  title: 'Read the backup',
  async run({ site, args }, io) {
    if (args.backup === '') return io.notNeeded('it is made of no backup');
    if (io.host.planning) return;
    const manifest = await readManifest(io.host, site.server, args.backup);
    await readBack(io.host, backupPaths(site.server, args.backup), manifest, liveOf(io));
  },
};

/** Creates and loads the database of the next release. Undo drops it. */
export const loadDatabase: Step<FromBackup> = {
  name: 'load',
  title: 'Load the database',
  async run(ctx, io) {
    io.save({});
    const { site, args } = ctx;
    const next = nextRelease(ctx);
    const driver = io.services.db(site.server);
    await driver.dropDatabase(io.host, next);
    await driver.make(io.host, next);
    if (io.host.planning) return;
    const { database } = await readManifest(io.host, site.server, args.backup);
    const from = backupPaths(site.server, args.backup).database;
    await io.host.act(
      'stream.load',
      { from, sha256: database.sha256, into: await driver.load(io.host, next) },
      liveOf(io),
    );
  },
  undo: (ctx, io) => io.services.db(ctx.site.server).dropDatabase(io.host, nextRelease(ctx)),
};

/** Unpacks the files beside the current ones. Undo removes them. */
export const unpackFiles: Step<FromBackup> = {
  name: 'unpack',
  title: 'Unpack the files beside the current ones',
  async run(ctx, io) {
    io.save({});
    const { site, args } = ctx;
    const folder = incoming(site);
    await io.host.act('tree.remove', { path: folder, as: site.handle });
    // The site's user can enter it but create nothing in it except in the file sets, which it owns.
    await io.host.act('folder.make', { path: folder, owner: 'root', group: 'root', mode: 0o755 });
    for (const set of incomingSets(io, site)) await io.host.act('folder.make', set);
    if (io.host.planning) return;
    const { files } = await readManifest(io.host, site.server, args.backup);
    const from = backupPaths(site.server, args.backup).files;
    await io.host.act('stream.load', { from, sha256: files.sha256, into: unpacking(site, folder) }, liveOf(io));
    await io.host.act('tree.rename', { from: join(folder, 'config'), to: sitePaths(nextRelease(ctx)).config });
  },
  async undo({ site }, io) {
    await io.host.act('tree.remove', { path: incoming(site), as: site.handle });
  },
};

/** Writes the settings of the next release, with the keys and own lines from the backup. */
export const settleRelease: Step<FromBackup> = {
  name: 'settings',
  title: 'Write the settings of the next release',
  async run(ctx, io) {
    const { site, args } = ctx;
    const next = nextRelease(ctx);
    const { settings } = io.host.planning ? { settings: {} } : await readManifest(io.host, site.server, args.backup);
    await writeFiles(io.host, settingsWith(io, next, settings));
    for (const link of linksOf(io, next, true)) await io.host.act('link.make', { ...link });
  },
};

/** Runs the CMS's updates if the backup has other code. */
export const updateNext: Step<FromBackup> = {
  name: 'updates',
  title: 'Run the database updates of the CMS',
  async run(ctx, io) {
    if (io.host.planning) return;
    const next = nextRelease(ctx);
    const { platform } = await readManifest(io.host, next.server, ctx.args.backup);
    if (platform.name === next.platform.name && platform.version === next.platform.version)
      return io.notNeeded('the backup is of the same code');
    await timed('updateMs', io, () => updateContent(next, io));
  },
};

/** Replaces addresses in the content if the backup has another name or is of another site. */
export const followBackup: Step<FromBackup> = {
  name: 'content',
  title: 'Change addresses in the content',
  async run(ctx, io) {
    if (io.host.planning) return;
    const next = nextRelease(ctx);
    const { site } = await readManifest(io.host, next.server, ctx.args.backup);
    const url = io.services.url(next);
    if (site.uri === next.uri && site.url === url && site.home === sitePaths(next).home)
      return io.notNeeded('the backup is of the same name');
    await letContentFollow(next, site, io);
  },
};
