import { z } from 'zod';
import { formerConfig, siteConfig } from '../../engines/site-config.ts';
import { type FileBefore, fileBefore } from '../../host/change-files.ts';
import type { SiteContext } from '../../model/context.ts';
import { type ConfigChange, configBefore, publish, unpublish, type Warn } from '../../services/publish.ts';
import { savingStep } from '../model/saved.ts';
import type { Step, StepIo, TaskContexts } from '../model/task.ts';

type SiteTask = TaskContexts['site'];

/** Writes pool and vhost, tests the whole configuration and reloads. Undo restores the old files. */
export const publishSite = savingStep<SiteTask, FileBefore[]>({
  name: 'publish',
  title: 'Publish pool and vhost',
  saved: z.array(fileBefore),
  run: ({ site }, io) =>
    io.exclusive('web', async () => {
      const change: ConfigChange = { write: siteConfig(io, site), remove: await formerFiles(site, io) };
      const before = await configBefore(io.host, change);
      io.save(before);
      await publish(io, site.server, change, before, warnIn(io));
    }),
  undo: ({ site }, io, saved) => io.exclusive('web', () => unpublish(io, site.server, saved, warnIn(io))),
});

/** The same after a commit, where an earlier attempt may have come to any point. */
export const publishCommitted: Step<SiteTask> = {
  name: 'publish',
  title: 'Publish pool and vhost',
  run: ({ site }, io) =>
    io.exclusive('web', async () => {
      const change: ConfigChange = { write: siteConfig(io, site), remove: await formerFiles(site, io), always: true };
      await publish(io, site.server, change, await configBefore(io.host, change), warnIn(io));
    }),
};

/** Removes pool and vhost and reloads. */
export const unpublishSite: Step<SiteTask> = {
  name: 'unpublish',
  title: 'Remove pool and vhost',
  run: ({ site }, io) =>
    io.exclusive('web', async () => {
      const change: ConfigChange = {
        write: [],
        remove: [...siteConfig(io, site).map(({ path }) => path), ...(await formerFiles(site, io))],
      };
      await publish(io, site.server, change, await configBefore(io.host, change), warnIn(io));
    }),
};

/** What is there of a site's files for services that do not serve it any more. */
export async function formerFiles(
  site: SiteContext,
  io: Pick<StepIo, 'host' | 'engines' | 'services'>,
): Promise<string[]> {
  const there: string[] = [];
  for (const path of formerConfig(io, site)) if (await io.host.stat(path)) there.push(path);
  return there;
}

/** Writes the daemons' warnings into the task's log. */
export const warnIn =
  (io: Pick<StepIo, 'log'>): Warn =>
  (text) =>
    io.log('warning', text);
