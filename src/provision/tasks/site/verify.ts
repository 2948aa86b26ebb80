import { z } from 'zod';
import { isProgramFailure } from '../../engines/program.ts';
import { planHost } from '../../host/makers/plan.ts';
import { sitePaths } from '../../model/context.ts';
import { AegirError, describeError, type Json } from '../../model/errors.ts';
import { settled } from '../checks/availability.ts';
import { fieldInfo } from '../model/fields.ts';
import { defineTask, type Step, type StepIo, type TaskContexts } from '../model/task.ts';
import { diskBytesIn, measureSite } from '../steps/finish.ts';
import { makeSiteFolders, siteFolders } from '../steps/folders.ts';
import { troubleOf } from '../steps/probe.ts';
import { publishSite } from '../steps/publish.ts';
import { writeSettings } from '../steps/settings.ts';
import { askHowItIs, packagesIn, packagesUsed } from '../steps/updates.ts';
import { checkServices } from './install-checks.ts';

type SiteTask = TaskContexts['site'];

const mendFolders: Step<SiteTask> = {
  name: 'folders',
  title: 'Repair folders, owners and modes',
  async run({ site }, io) {
    await io.host.act('user.add', { user: site.handle, uid: site.uid, home: sitePaths(site).home });
    const made = await makeSiteFolders(io, site);
    if (made > 0) io.log('warning', `${made} folders were missing and have been made`);
    for (const { path, owner, group } of siteFolders(io, site).filter((folder) => folder.owner === site.handle)) {
      if (io.host.planning && !(await io.host.stat(path))) continue;
      const { count, found } = await io.host.act('tree.own', { path, user: owner, group, check: false }, io);
      const more = count > found.length ? ` and ${count - found.length} more` : '';
      if (count > 0) io.log('warning', `owner or mode of ${found.join(', ')}${more}`);
    }
  },
};

/** A service that stopped meanwhile is not damage of the site. Throws `SERVICE_DOWN`. */
const refuseWithoutServices = (site: SiteTask['site'], io: StepIo): Promise<void> =>
  checkServices(site, io, (code, message, hint) => {
    throw new AegirError(code, message, hint);
  });

/** Boots the CMS. Its failure is damage of the site, not a failure of the verification. */
const bootSite: Step<SiteTask> = {
  name: 'boot',
  title: 'Ask the CMS for its state',
  async run({ site }, io) {
    const engine = io.engines.named(site.platform.engine);
    try {
      const answer = await askHowItIs(site, io);
      packagesUsed.report(io, packagesIn(answer) ?? []);
      io.log('info', `${engine.title} ${String(answer.version ?? '')} runs`);
      for (const text of z.array(z.string()).safeParse(answer.warnings).data ?? []) io.log('warning', text);
    } catch (error) {
      // A program that was killed from outside tells nothing about the site.
      if (!isProgramFailure(error)) throw error;
      await refuseWithoutServices(site, io);
      io.log('error', error.message);
      io.report({ failure: damage(error.message) });
    }
  },
};

/** Requests the front page; a page that does not come counts as damage too. */
const askSite: Step<SiteTask> = {
  name: 'probe',
  title: 'Request the front page',
  async run({ site }, io) {
    const trouble = await troubleOf(site, io);
    if (trouble === undefined) return;
    await refuseWithoutServices(site, io);
    io.report({ failure: damage(`the front page ${trouble}`) });
  },
};

const args = z.object({
  check: z.boolean().default(false).register(fieldInfo, {
    title: 'Only check',
    help: 'Shows what would be repaired, and changes nothing.',
    advanced: true,
  }),
});
type VerifyTask = SiteTask & { args: z.infer<typeof args> };

/** With `check`, runs the step as a dry run: its acts go into the log and, as `differences`, into the result. */
const orOnlyShow = (step: Step<SiteTask>): Step<VerifyTask> => ({
  ...step,
  async run(ctx, io) {
    if (!ctx.args.check) return step.run(ctx, io);
    const host = planHost(io.host);
    await step.run(ctx, { ...io, host, save: () => {} });
    const texts = host.planned().map(({ text }) => text);
    for (const text of texts) io.log('warning', `would ${text}`);
    io.notNeeded(`it is only checked, and would change ${texts.length === 0 ? 'nothing' : texts.length}`);
    io.report({ differences: [...z.array(z.string()).parse(io.result.differences ?? []), ...texts] });
  },
});

const unlessShowing = (step: Step<SiteTask>): Step<VerifyTask> => ({
  ...step,
  run: async (ctx, io) => (ctx.args.check ? io.notNeeded('only files and folders are checked') : step.run(ctx, io)),
});

/** Rewrites all files of a site from the inventory, corrects differences, and boots the CMS. */
export const siteVerify = defineTask({
  type: 'site.verify',
  title: 'Verify',
  summary: 'Writes settings, pool and vhost again, repairs owners and modes, and asks the CMS for its state.',
  object: 'site',
  keys: ['v'],
  footer: 4,
  available: settled,
  danger: 'none',
  args,
  timeLimitS: 900,
  validate: ({ site }, io, problem) => checkServices(site, io, problem),
  apply: [
    ...[mendFolders, writeSettings, publishSite].map(orOnlyShow),
    ...[bootSite, askSite].map(unlessShowing),
    measureSite,
  ],
  commit({ site, args: { check } }, result) {
    const { failure } = result;
    if (check) return {};
    const whole = site.web.serving === 'disabled' ? 'disabled' : 'enabled';
    const state = failure === undefined ? whole : 'failed';
    return { site: { state, diskBytes: diskBytesIn(result), packages: packagesIn(result) } };
  },
  cleanUp: [],
});

/** The task's failure if the site is damaged; its state becomes `failed`. */
const damage = (message: string): Json => ({
  ...describeError(new AegirError('SITE_DAMAGED', message, 'See the log of this task and the error log of the site.')),
});
