import { z } from 'zod';
import { packageInfo, sitePaths } from '../context.ts';
import { runProgram } from '../engines/program.ts';
import { engineNamed } from '../engines/registry.ts';
import { AegirError, type Json } from '../errors.ts';
import { dbDriver } from '../services/registry.ts';
import { defineTask, type Step, type TaskContexts } from '../task.ts';
import { checkServices } from './site-install-checks.ts';
import { measureSite } from './steps/finish.ts';
import { makeSiteFolders } from './steps/folders.ts';
import { troubleOf } from './steps/probe.ts';
import { publishSite } from './steps/publish.ts';
import { writeSettings } from './steps/settings.ts';

type SiteTask = TaskContexts['site'];

const mendFolders: Step<SiteTask> = {
  name: 'folders',
  title: 'Mend folders, owners and modes',
  async run({ site }, io) {
    await io.host.act('user.add', { user: site.handle, uid: site.uid, home: sitePaths(site).home });
    const made = await makeSiteFolders(io.host, site);
    if (made > 0) io.log('warning', `${made} folders were missing and have been made`);
  },
};

/** Boots the CMS. What it cannot do is damage of the site, not a failure to verify it. */
const bootSite: Step<SiteTask> = {
  name: 'boot',
  title: 'Ask the CMS how it is',
  async run({ site }, io) {
    const engine = engineNamed(site.platform.engine);
    try {
      const answer = await runProgram(
        io.host,
        site,
        engine.name,
        engine.verify(site, dbDriver(site.server).access(site)),
        io,
      );
      const packages = z.array(packageInfo).safeParse(answer.packages);
      io.report({ packages: (packages.data ?? []) as unknown as Json });
      io.log('info', `${engine.title} ${String(answer.version ?? '')} runs`);
    } catch (error) {
      if (!(error instanceof AegirError) || error.code !== 'PROGRAM_FAILED') throw error;
      io.log('error', error.message);
      io.report({ failure: damage(error.message) });
    }
  },
};

/** Asks for the front page; a page that does not come is damage too. */
const askSite: Step<SiteTask> = {
  name: 'probe',
  title: 'Ask for the front page',
  async run({ site }, io) {
    const trouble = await troubleOf(site, io);
    if (trouble !== undefined) io.report({ failure: damage(`the front page ${trouble}`) });
  },
};

/** Writes everything of a site anew from the inventory, mends what differs, and asks the CMS how it is. */
export const siteVerify = defineTask({
  type: 'site.verify',
  title: 'Verify',
  summary: 'Writes settings, pool and vhost anew, mends owners and modes, and asks the CMS how it is.',
  object: 'site',
  danger: 'none',
  args: z.object({}),
  timeLimitS: 900,
  validate: ({ site }, io, problem) => checkServices(site, io, problem),
  apply: [mendFolders, writeSettings, publishSite, bootSite, askSite, measureSite],
  commit({ site }, { failure, packages, diskBytes }) {
    const found = z.array(packageInfo).safeParse(packages);
    const whole = site.web.serving === 'disabled' ? 'disabled' : 'enabled';
    const state = failure === undefined ? whole : 'failed';
    return { site: { state, diskBytes: Number(diskBytes ?? 0), ...(found.success ? { packages: found.data } : {}) } };
  },
  cleanUp: [],
});

/** What the task ends with when the site is damaged; its state becomes `failed`. */
const damage = (message: string): Json => ({
  code: 'SITE_DAMAGED',
  message,
  hint: 'The log of this task and the error log of the site say more.',
});
