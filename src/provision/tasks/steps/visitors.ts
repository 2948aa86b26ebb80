import type { SiteContext } from '../../context.ts';
import { phpDriver } from '../../services/registry.ts';
import type { Step, TaskContexts } from '../../task.ts';
import { asChanged } from './as-changed.ts';
import { publishSite } from './publish.ts';

type SiteTask = TaskContexts['site'];

/** A site whose visitors see a page that asks for patience; for all engines alike, and nothing of it is in the database. */
export const inMaintenance = (site: SiteContext): SiteContext => ({
  ...site,
  web: { ...site.web, serving: site.web.serving === 'open' ? 'maintenance' : site.web.serving },
});

const showPage = asChanged<SiteTask>(publishSite, ({ site }) => inMaintenance(site));

/**
 * Shows that page from now on, and lets what runs for visitors end: nothing is written after it that a copy of the
 * database would miss. Undo shows the site again. A disabled site stays as it is.
 */
export const holdVisitors: Step<SiteTask> = {
  ...showPage,
  name: 'hold',
  title: 'Show visitors a page that asks for patience',
  async run(ctx, io) {
    await showPage.run(ctx, io);
    const { ended } = await phpDriver(ctx.site.server).drain(io.host, ctx.site);
    if (ended > 0) io.log('warning', `${ended} requests that took too long were ended`);
  },
};

/** Shows the site again. Undo shows the page. */
export const letVisitorsIn: Step<SiteTask> = { ...publishSite, name: 'open', title: 'Let visitors in' };
