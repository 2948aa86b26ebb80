import type { SiteContext } from '../../context.ts';
import type { Step, TaskContexts } from '../../task.ts';
import { asChanged } from './as-changed.ts';
import { publishSite } from './publish.ts';

type SiteTask = TaskContexts['site'];

/** A site whose visitors see a page that asks for patience; for all engines alike, and nothing of it is in the database. */
export const inMaintenance = (site: SiteContext): SiteContext => ({
  ...site,
  web: { ...site.web, serving: site.web.serving === 'open' ? 'maintenance' : site.web.serving },
});

/** Shows that page from now on. Undo shows the site again. A disabled site stays as it is. */
export const holdVisitors: Step<SiteTask> = {
  ...asChanged<SiteTask>(publishSite, ({ site }) => inMaintenance(site)),
  name: 'hold',
  title: 'Show visitors a page that asks for patience',
};

/** Shows the site again. Undo shows the page. */
export const letVisitorsIn: Step<SiteTask> = { ...publishSite, name: 'open', title: 'Let visitors in' };
