import { dirname, join } from 'node:path';
import { HELD_PAGE } from '../../engines/php.ts';
import { writeFiles } from '../../host/change-files.ts';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import type { GeneratedFile } from '../../model/generated-file.ts';
import { closedPage } from '../../services/http/closed-page.ts';
import type { Step, TaskContexts } from '../model/task.ts';
import { asChanged } from './as-changed.ts';
import { publishSite } from './publish.ts';

type SiteTask = TaskContexts['site'];

/** A site in maintenance: works for all engines, and does not use the database. */
export const inMaintenance = (site: SiteContext): SiteContext => ({
  ...site,
  web: { ...site.web, serving: site.web.serving === 'open' ? 'maintenance' : site.web.serving },
});

const showPage = asChanged<SiteTask>(publishSite, ({ site }) => inMaintenance(site));

/** A page in the settings, with which the release itself refuses late requests. */
const heldPage = (site: SiteContext): GeneratedFile => ({
  path: join(sitePaths(site).settings, HELD_PAGE),
  text: closedPage(inMaintenance(site))?.html ?? '',
  group: site.handle,
  mode: 0o640,
});

/**
 * Shows the maintenance page from now on, even to requests that were still being sent, and waits for running ones:
 * afterwards nothing is written that a copy of the database would miss. Undo reopens the site. A disabled site stays as
 * it is.
 */
export const holdVisitors: Step<SiteTask> = {
  name: 'hold',
  title: 'Show visitors a maintenance page',
  visitors: 'held',
  async run(ctx, io) {
    await showPage.run(ctx, io);
    const page = heldPage(ctx.site);
    if (await io.host.stat(dirname(page.path))) await writeFiles(io.host, [page]);
    const { ended } = await io.services.php(ctx.site.server).drain(io.host, ctx.site);
    if (ended > 0) io.log('warning', `${ended} requests that took too long were ended`);
  },
  async undo(ctx, io, saved) {
    await io.host.act('file.remove', { path: heldPage(ctx.site).path });
    await showPage.undo?.(ctx, io, saved);
  },
};

/** Lets a release accept requests again. Undo refuses them as before. */
export const takeRequests: Step<SiteTask> = {
  name: 'take',
  title: 'Let it take requests',
  async run({ site }, io) {
    const { path } = heldPage(site);
    if (!(await io.host.stat(path))) return io.notNeeded('it refuses none');
    io.save({});
    await io.host.act('file.remove', { path });
  },
  undo: ({ site }, io) => writeFiles(io.host, [heldPage(site)]),
};

/** Reopens the site. Undo shows the page. */
export const letVisitorsIn: Step<SiteTask> = {
  ...publishSite,
  name: 'open',
  title: 'Show visitors the site again',
  visitors: 'back',
};
