import { z } from 'zod';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import { KEPT_DAYS } from '../../model/kept-days.ts';
import { addressOf } from '../../model/site-names.ts';
import { settled, settledOrLocked, withKept } from '../checks/availability.ts';
import { defineTask, type Step, type TaskContexts } from '../model/task.ts';
import { asChanged } from '../steps/as-changed.ts';
import { probeHidden, publishHidden } from '../steps/beside.ts';
import { letContentFollow } from '../steps/content.ts';
import { keptSite, keptUntil, removeKept } from '../steps/kept.ts';
import { publishCommitted } from '../steps/publish.ts';
import { writeSettings } from '../steps/settings.ts';
import { askCms, packagesIn, wholeState } from '../steps/updates.ts';
import { holdVisitors, takeRequests } from '../steps/visitors.ts';
import { checkServices } from './install-checks.ts';

type SiteTask = TaskContexts['site'];

const before = ({ site }: SiteTask): SiteContext => {
  const kept = keptSite(site);
  if (kept) return kept;
  throw new AegirError('NOTHING_KEPT', `${site.uri} has nothing to go back to`, 'aegir backup list shows its backups.');
};

const showBefore: Step<SiteTask> = {
  ...asChanged<SiteTask>(publishCommitted, before),
  name: 'switch',
  title: 'Switch to the previous release',
  visitors: 'back',
};

/** The site may have other names by now; changing the kept release's content is harmless. */
const followNames: Step<SiteTask> = {
  name: 'content',
  title: 'Change addresses in the content',
  async run(ctx, io) {
    const site = before(ctx);
    const { uri, address } = ctx.site.kept ?? { uri: site.uri, address: addressOf(site) };
    if (uri === site.uri && address === addressOf(site)) return io.notNeeded('its names are those of then');
    await letContentFollow(site, { uri, url: io.services.http(site.server).url(site.server, address) }, io);
  },
};

/** Rolls back to the platform and content before the last migration; the release that is left is kept in turn. */
export const siteBack = defineTask({
  type: 'site.back',
  title: 'Go back',
  summary: 'Goes back to the platform and content before the last migration; a second time goes forward again.',
  object: 'site',
  keys: ['M'],
  available: (site, records) => settled(site) ?? withKept(site, records),
  danger: 'confirm',
  loses: 'what was written since the migration, unless you go forward again within seven days',
  args: z.object({}),
  timeLimitS: 1800,
  async validate(ctx, io, problem) {
    await checkServices(keptSite(ctx.site) ?? ctx.site, io, problem);
    const { settings } = sitePaths(before(ctx));
    if ((await io.host.stat(settings))?.kind === 'folder') return;
    problem('NOTHING_KEPT', `${settings} is not there`, 'aegir backup list shows the backups of the site.');
  },
  apply: [
    holdVisitors,
    asChanged<SiteTask>(takeRequests, before),
    asChanged<SiteTask>(writeSettings, before),
    followNames,
    asChanged<SiteTask>(askCms, before),
    publishHidden(before),
    probeHidden(before),
  ],
  commit(ctx, result) {
    const { release, platform } = before(ctx);
    return {
      site: {
        state: wholeState(ctx.site),
        release: { ...release, platform: platform.name, keepUntil: keptUntil(KEPT_DAYS) },
        packages: packagesIn(result),
      },
    };
  },
  cleanUp: [showBefore],
});

/** Removes the release that the site could be rolled back to; the worker queues this when its time is over. */
export const siteForget = defineTask({
  type: 'site.forget',
  title: 'Forget the old release',
  summary:
    'Removes the release that the site can go back to, with its database; done automatically when its time is over.',
  object: 'site',
  available: (site, records) => settledOrLocked(site) ?? withKept(site, records),
  danger: 'confirm',
  loses: 'the way back to the platform and content before the last migration',
  args: z.object({}),
  timeLimitS: 1800,
  validate: async () => {},
  apply: [],
  commit: () => ({ site: { forgetKept: true } }),
  cleanUp: [removeKept],
});
