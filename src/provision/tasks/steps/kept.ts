import { onPlatform, type SiteContext, sitePaths } from '../../model/context.ts';
import type { Step, TaskContexts } from '../model/task.ts';
import { linksOf, nextRelease } from './release.ts';

type SiteTask = TaskContexts['site'];

/** The site with the release that it can be rolled back to; undefined without one. */
export const keptSite = (site: SiteContext): SiteContext | undefined =>
  site.kept
    ? onPlatform({ ...site, release: { number: site.kept.number, database: site.kept.database } }, site.kept.platform)
    : undefined;

/** Until when a release replaced now is kept. */
export const keptUntil = (days: number): string | undefined =>
  days === 0 ? undefined : new Date(Date.now() + days * 86_400_000).toISOString();

/** Removes the kept release: its database, its folder, its links. */
export const removeKept: Step<SiteTask> = {
  name: 'kept',
  title: 'Remove the release that was kept',
  async run(ctx, io) {
    const { site } = ctx;
    const kept = keptSite(site);
    if (!kept) return io.notNeeded('none was kept');
    await io.services.db(site.server).dropDatabase(io.host, kept);
    await io.host.act('tree.remove', { path: sitePaths(kept).release, as: site.handle });
    const used = [site, nextRelease(ctx)].flatMap((one) => linksOf(io, one, false)).map(({ path }) => path);
    for (const { path } of linksOf(io, kept, false)) {
      if (!used.includes(path)) await io.host.act('link.remove', { path });
    }
  },
};
