import { z } from 'zod';
import type { SiteContext } from '../../model/context.ts';
import { isDisabled, settled, shown } from '../checks/availability.ts';
import { fieldInfo } from '../model/fields.ts';
import { refuse } from '../model/records.ts';
import { defineTask, type TaskContexts } from '../model/task.ts';
import { asChanged } from '../steps/as-changed.ts';
import { probeSite } from '../steps/probe.ts';
import { publishSite } from '../steps/publish.ts';
import { checkServices } from './install-checks.ts';

const opened = ({ site }: TaskContexts['site']): SiteContext => ({ ...site, web: { ...site.web, serving: 'open' } });

/** Reopens a disabled site. */
export const siteEnable = defineTask({
  type: 'site.enable',
  title: 'Enable',
  summary: 'Shows a disabled site to visitors again, and runs its cron again.',
  object: 'site',
  available: (site) =>
    settled(site) ??
    (isDisabled(site) ? undefined : refuse('SITE_ENABLED', `${site.uri} is not disabled`, 'It is shown.')),
  danger: 'none',
  args: z.object({}),
  timeLimitS: 300,
  validate: ({ site }, io, problem) => checkServices(site, io, problem),
  apply: [asChanged(publishSite, opened), asChanged(probeSite, opened)],
  commit: (ctx) => ({ site: { state: 'enabled', web: opened(ctx).web } }),
  cleanUp: [],
});

const args = z.object({
  status: z.enum(['503', '404']).default('503').register(fieldInfo, {
    title: 'Answer',
    help: '503 means "temporarily unavailable", 404 means "not found": search engines remove a site that answers 404.',
    advanced: true,
  }),
});

const closed = ({ site, args: { status } }: TaskContexts['site'] & { args: z.infer<typeof args> }): SiteContext => ({
  ...site,
  web: { ...site.web, serving: 'disabled', closedStatus: status === '404' ? 404 : 503 },
});

/** Serves a page instead of the site. Its data stays, and other tasks still work. */
export const siteDisable = defineTask({
  type: 'site.disable',
  title: 'Disable',
  summary: 'Shows a page instead of the site and stops its cron. Other tasks still work on it.',
  object: 'site',
  available: shown,
  danger: 'confirm',
  loses: 'its visitors, until it is enabled again',
  args,
  timeLimitS: 300,
  validate: ({ site }, io, problem) => checkServices(site, io, problem),
  apply: [asChanged(publishSite, closed)],
  commit: (ctx) => ({ site: { state: 'disabled', web: closed(ctx).web } }),
  cleanUp: [],
});
