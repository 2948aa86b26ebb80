import { z } from 'zod';
import { CRON_S } from '../../engines/engine.ts';
import { runProgram } from '../../engines/program.ts';
import { shown } from '../checks/availability.ts';
import { defineTask } from '../model/task.ts';

/** Runs a site's cron through the CMS's own function. Result: `{seconds, jobs}`; jobs if the CMS counts them. */
export const siteCron = defineTask({
  type: 'site.cron',
  title: 'Cron',
  summary: 'Runs the due jobs of the CMS as the site’s user. The worker does this on the site’s schedule.',
  object: 'site',
  available: shown,
  leavesServices: true,
  danger: 'none',
  args: z.object({}),
  timeLimitS: CRON_S + 60,
  async validate() {},
  apply: [
    {
      name: 'cron',
      title: 'Run the due jobs',
      async run({ site }, io) {
        const engine = io.engines.named(site.platform.engine);
        const beganMs = Date.now();
        const { jobs } = await runProgram(io.host, site, engine.name, engine.cron(site, io.services.served(site)), io);
        const seconds = Math.round((Date.now() - beganMs) / 100) / 10;
        io.report({ seconds, ...(jobs === undefined ? {} : { jobs }) });
        io.log('info', `${jobs === undefined ? 'cron' : `${String(jobs)} jobs`} in ${seconds} s`);
      },
    },
  ],
  commit: () => ({}),
  cleanUp: [],
});
