import { writeFiles } from '../../host/change-files.ts';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import type { Step, TaskContexts } from '../model/task.ts';
import { asChanged } from './as-changed.ts';
import { siteFolders } from './folders.ts';
import { keptSite } from './kept.ts';
import { timed } from './outage.ts';
import { keptSettings, liveOf } from './pack.ts';
import { troubleOf } from './probe.ts';
import { publishSite } from './publish.ts';
import { linksOf, nextRelease } from './release.ts';
import { NO_LINKS, settingsWith } from './settings.ts';
import { inMaintenance } from './visitors.ts';

type SiteTask = TaskContexts['site'];

/** Copies the release's own folders, as the site's user, and writes the settings with the current keys. */
export const settleBeside: Step<SiteTask> = {
  name: 'settings',
  title: 'Write the settings of the next release',
  async run(ctx, io) {
    const next = nextRelease(ctx);
    const [from, to] = [sitePaths(ctx.site).config, sitePaths(next).config];
    for (const folder of siteFolders(io, next).filter(({ path }) => path === to))
      await io.host.act('folder.make', folder);
    const copy = { user: ctx.site.handle, file: 'cp', args: ['-a', '--', `${from}/.`, `${to}/`], cwd: '/' };
    if (await io.host.stat(from)) await io.host.act('user.run', copy);
    await writeFiles(io.host, settingsWith(io, next, await keptSettings(io, ctx.site)));
    for (const link of linksOf(io, next, true)) await io.host.act('link.make', { ...link });
  },
};

/** Creates the links with which the code finds the next release. Undo restores the previous ones. */
export const linkBeside: Step<SiteTask> = {
  name: 'links',
  title: 'Link it in the platform',
  async run(ctx, io) {
    const links = linksOf(io, nextRelease(ctx), false);
    if (links.length === 0) return io.notNeeded(NO_LINKS);
    io.save({});
    for (const link of links) await io.host.act('link.make', { ...link });
  },
  async undo(ctx, io) {
    // The platform may be that of the current or of the kept release.
    const kept = keptSite(ctx.site);
    const releases = kept ? [kept, ctx.site] : [ctx.site];
    const before = new Map(releases.flatMap((site) => linksOf(io, site, false)).map((link) => [link.path, link]));
    for (const { path } of linksOf(io, nextRelease(ctx), false)) {
      const link = before.get(path);
      await (link ? io.host.act('link.make', { ...link }) : io.host.act('link.remove', { path }));
    }
  },
};

/** Copies the current database into that of the next release, without a file in between. Undo drops it. */
export const copyDatabaseBeside: Step<SiteTask> = {
  name: 'copy-database',
  title: 'Copy the database',
  async run(ctx, io) {
    io.save({});
    const next = nextRelease(ctx);
    const driver = io.services.db(ctx.site.server);
    await driver.dropDatabase(io.host, next);
    await driver.make(io.host, next);
    const from = await driver.dump(io.host, ctx.site);
    await timed('copyMs', io, async () => {
      await io.host.act('stream.copy', { from, into: await driver.load(io.host, next) }, liveOf(io));
    });
  },
  undo: (ctx, io) => io.services.db(ctx.site.server).dropDatabase(io.host, nextRelease(ctx)),
};

/** A release that visitors do not see yet, under a secret name for this machine alone. */
const hidden = (site: SiteContext): SiteContext => {
  const { web } = inMaintenance(site);
  return { ...site, web: { ...web, probe: `${site.handle}.probe.invalid` } };
};

/** Publishes a release in addition to the page that visitors see. Undo restores the previous files. */
export const publishHidden = <C extends SiteTask>(release: (ctx: C) => SiteContext): Step<C> => ({
  ...asChanged<C>(publishSite, (ctx) => hidden(release(ctx))),
  name: 'beside',
  title: 'Publish it where only this machine sees it',
});

/** Requests the front page; only what visitors would see counts. Throws `SITE_NOT_ANSWERING`. */
export const probeHidden = <C extends SiteTask>(release: (ctx: C) => SiteContext): Step<C> => ({
  name: 'probe',
  title: 'Request its front page',
  async run(ctx, io) {
    const site = release(ctx);
    const trouble = await troubleOf(hidden(site), io);
    if (trouble === undefined) return;
    throw new AegirError(
      'SITE_NOT_ANSWERING',
      `the front page of ${site.uri} on ${site.platform.name} ${trouble}`,
      'Visitors never saw it. The lines before this one in the log are from the error log of the site.',
    );
  },
});
