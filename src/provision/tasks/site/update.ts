import { z } from 'zod';
import type { SiteContext } from '../../model/context.ts';
import { settled } from '../checks/availability.ts';
import { checkRoom, measured } from '../checks/space.ts';
import { defineTask, type Step, type TaskContexts } from '../model/task.ts';
import { probeHidden, publishHidden } from '../steps/beside.ts';
import { holdAndNote, noteOutage, timed, timedStep } from '../steps/outage.ts';
import { newBackup, openBackupFor, packContent, sealBackup } from '../steps/pack.ts';
import { madeBackup, rollBack } from '../steps/roll-back.ts';
import { outdated, removeOutdated, SAFETY_KEPT } from '../steps/rotate.ts';
import { askCms, packagesIn, updateContent, wholeState } from '../steps/updates.ts';
import { letVisitorsIn, takeRequests } from '../steps/visitors.ts';
import { checkServices } from './install-checks.ts';

type SiteTask = TaskContexts['site'];

const MADE_FOR = 'made before an update';

const runUpdates: Step<SiteTask> = {
  name: 'updates',
  title: 'Run the database updates of the CMS',
  async run({ site }, io) {
    if (!io.host.planning) io.save(madeBackup.parse(io.result));
    await timed('updateMs', io, () => updateContent(site, io));
  },
  undo: ({ site }, io, saved) => rollBack(site, madeBackup.parse(saved), io),
};

const now = ({ site }: SiteTask): SiteContext => site;
const gone = (ctx: SiteTask): string[] => outdated(ctx, 'safety', SAFETY_KEPT);

/**
 * Updates the database of a site to the version of its code: behind a maintenance page, after a verified backup, and
 * tested where only this machine sees it. If anything fails, database and files are rolled back.
 */
export const siteUpdate = defineTask({
  type: 'site.update',
  title: 'Update',
  summary: 'Runs the database updates of the CMS behind a maintenance page, after a backup; undone if anything fails.',
  object: 'site',
  available: settled,
  danger: 'none',
  args: z.object({}),
  timeLimitS: 4 * 3600,
  async validate({ site }, io, problem) {
    await checkServices(site, io, problem);
    await checkRoom(site, io, { saved: await measured(site, io) }, problem);
  },
  apply: [
    holdAndNote,
    openBackupFor(MADE_FOR),
    ...[packContent, sealBackup].map((step) => timedStep('saveMs', step)),
    runUpdates,
    askCms,
    publishHidden(now),
    probeHidden(now),
    takeRequests,
    letVisitorsIn,
  ],
  commit: (ctx, result) => ({
    site: { state: wholeState(ctx.site), packages: packagesIn(result) },
    backup: newBackup(ctx.site, result, MADE_FOR, 'safety'),
    forgetBackups: gone(ctx),
  }),
  cleanUp: [noteOutage, removeOutdated(gone)],
});
