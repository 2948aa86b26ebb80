import { z } from 'zod';
import { defineTask, type Step, type TaskContexts } from '../task.ts';
import { checkServices } from './site-install-checks.ts';
import { liveOf } from './steps/pack.ts';
import { probeSite } from './steps/probe.ts';
import { removeSnapshot, restoreSnapshot, takeSnapshot } from './steps/snapshot.ts';
import { askCms, packagesIn, updateContent, wholeState } from './steps/updates.ts';
import { holdVisitors, letVisitorsIn } from './steps/visitors.ts';

type SiteTask = TaskContexts['site'];

const runUpdates: Step<SiteTask> = {
  name: 'updates',
  title: 'Run the database updates of the CMS',
  async run({ site }, io) {
    io.save({ snapshot: io.result.snapshot ?? '' });
    await updateContent(site, io);
  },
  undo: ({ site }, io, saved) => restoreSnapshot(io.host, site, (saved as { snapshot: string }).snapshot, liveOf(io)),
};

/** Brings the database of a site to the version of its code. When anything fails, all is as it was before. */
export const siteUpdate = defineTask({
  type: 'site.update',
  title: 'Update',
  summary: 'Runs the database updates of the CMS behind a page that asks for patience; undone when anything fails.',
  object: 'site',
  danger: 'none',
  args: z.object({}),
  timeLimitS: 4 * 3600,
  validate: ({ site }, io, problem) => checkServices(site, io, problem),
  apply: [holdVisitors, takeSnapshot, runUpdates, askCms, letVisitorsIn, probeSite],
  commit: (ctx, result) => ({ site: { state: wholeState(ctx.site), packages: packagesIn(result) } }),
  cleanUp: [removeSnapshot],
});
