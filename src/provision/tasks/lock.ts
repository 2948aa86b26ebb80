import { z } from 'zod';
import { settled, settledPlatform } from './checks/availability.ts';
import { fieldInfo } from './model/fields.ts';
import { refuse } from './model/records.ts';
import { defineTask } from './model/task.ts';

const args = z.object({
  reason: z.string().min(1).max(200).default('locked by hand').register(fieldInfo, {
    title: 'Reason',
    help: 'Shown to everyone whose task the lock refuses.',
  }),
});

const nothing = { danger: 'none' as const, timeLimitS: 60, validate: async () => {}, apply: [], cleanUp: [] };

/** Locks a site: no new task may change it; tasks that are already queued still run. */
export const siteLock = defineTask({
  ...nothing,
  type: 'site.lock',
  title: 'Lock',
  summary: 'Refuses every task that would change the site, including its cron.',
  object: 'site',
  available: settled,
  args,
  commit: (ctx) => ({ site: { lockReason: ctx.args.reason } }),
});

/** Removes the lock of `site.lock`. */
export const siteUnlock = defineTask({
  ...nothing,
  type: 'site.unlock',
  title: 'Unlock',
  summary: 'Allows tasks to change the site again.',
  object: 'site',
  available: (site) =>
    site.lockReason ? undefined : refuse('SITE_UNLOCKED', `${site.uri} is not locked`, 'Nothing stops its tasks.'),
  args: z.object({}),
  commit: () => ({ site: { lockReason: null } }),
});

/** Locks a platform: it accepts no new sites, and no task changes it. */
export const platformLock = defineTask({
  ...nothing,
  type: 'platform.lock',
  title: 'Lock',
  summary: 'Refuses new sites and every task that would change the platform. Its sites keep running.',
  object: 'platform',
  available: settledPlatform,
  args,
  commit: (ctx) => ({ platform: { lockReason: ctx.args.reason } }),
});

/** Removes the lock of `platform.lock`. */
export const platformUnlock = defineTask({
  ...nothing,
  type: 'platform.unlock',
  title: 'Unlock',
  summary: 'Allows new sites and changes of the platform again.',
  object: 'platform',
  available: ({ name, lockReason }) =>
    lockReason ? undefined : refuse('PLATFORM_UNLOCKED', `platform ${name} is not locked`, 'Nothing stops its tasks.'),
  args: z.object({}),
  commit: () => ({ platform: { lockReason: null } }),
});
