import { z } from 'zod';
import { siteConfig } from '../../engines/site-config.ts';
import { type FileBefore, fileBefore } from '../../host/change-files.ts';
import { type SiteContext, serviceContext, serviceName, sitePaths } from '../../model/context.ts';
import { type ConfigChange, configBefore, publish, unpublish } from '../../services/publish.ts';
import { sameService } from '../../services/services.ts';
import { resultPart, savingStep } from '../model/saved.ts';
import { defineTask, type StepIo, type TaskContexts } from '../model/task.ts';
import { formerFiles, warnIn } from '../steps/publish.ts';

const servicesFound = resultPart('services', z.array(serviceContext));

/**
 * Tests every service of a server and rewrites all of its configuration: one test and one reload, however many sites.
 */
export const serverVerify = defineTask({
  type: 'server.verify',
  title: 'Verify',
  summary: 'Starts what does not run, tests web server, PHP and database, and writes all their files with one reload.',
  object: 'server',
  keys: ['v'],
  footer: 4,
  danger: 'none',
  args: z.object({}),
  timeLimitS: 900,
  async validate({ server }, io, problem) {
    for (const { service, driver, server: its } of io.services.all(server)) {
      if ((await driver.state(io.host, its)) !== 'absent') continue;
      const hint = 'aegir setup installs what is missing, and records what there is.';
      problem('SERVICE_ABSENT', `${serviceName(service)} is not installed`, hint);
    }
  },
  apply: [
    {
      name: 'start',
      title: 'Start what does not run',
      async run({ server }, io) {
        let started = 0;
        for (const { service, driver, server: its } of io.services.all(server)) {
          if ((await driver.state(io.host, its)) === 'running') continue;
          io.log('warning', `${serviceName(service)} did not run`);
          await driver.control(io.host, its, 'start', io.signal);
          started += 1;
        }
        if (started === 0) io.notNeeded('all of them run');
      },
    },
    {
      name: 'database',
      title: 'Make and drop a test database and account',
      async run({ server }, io) {
        io.save({});
        await io.services.db(server).tryOut(io.host, server);
      },
      undo: ({ server }, io) => io.services.db(server).clearTryOut(io.host, server),
    },
    savingStep<TaskContexts['server'], FileBefore[]>({
      name: 'publish',
      title: 'Write the configuration of all sites',
      saved: z.array(fileBefore),
      run: ({ server, sites }, io) =>
        io.exclusive('web', async () => {
          const here = await sitesHere(sites, io);
          const change: ConfigChange = {
            write: [...io.services.serverFiles(server), ...here.flatMap((site) => siteConfig(io, site))],
            remove: (await Promise.all(here.map((site) => formerFiles(site, io)))).flat(),
          };
          const before = await configBefore(io.host, change);
          io.save(before);
          await publish(io, server, change, before, warnIn(io));
          io.log('info', `${here.length} sites; ${before.length} files differed`);
        }),
      undo: ({ server, sites }, io, saved) =>
        io.exclusive('web', async () => {
          const written = new Map(
            [io.services.serverFiles(server), ...sites.map((site) => siteConfig(io, site))]
              .flat()
              .map((one) => [one.path, one.text]),
          );
          const before: FileBefore[] = [];
          for (const file of saved) {
            // A file that a site's own task has written since is newer than both.
            const text = await io.host.readText(file.path);
            if (text === written.get(file.path)) before.push(file);
          }
          await unpublish(io, server, before, warnIn(io));
        }),
    }),
    {
      name: 'versions',
      title: 'Record the versions of the services',
      async run({ server }, io) {
        const services = await Promise.all(
          server.services.map(async (service) => {
            const found = (await io.services.of(service).detect(io.host)).find((one) => sameService(one, service));
            return found ? { ...service, version: found.version } : service;
          }),
        );
        servicesFound.report(io, services);
      },
    },
  ],
  commit: (_ctx, result) => ({ server: { services: servicesFound.in(result) ?? [] } }),
  cleanUp: [],
});

/** The sites whose home and user exist: PHP-FPM refuses all pools if the user of one is missing. */
async function sitesHere(sites: SiteContext[], { host, log }: Pick<StepIo, 'host' | 'log'>): Promise<SiteContext[]> {
  const here: SiteContext[] = [];
  for (const site of sites) {
    const { home } = sitePaths(site);
    const user = !host.siteUsers || (await host.account(site.handle));
    if (user && (await host.stat(home))) here.push(site);
    else log('warning', `${site.uri} is left out: ${user ? home : `the user ${site.handle}`} is not on this machine`);
  }
  return here;
}
