import { sitePaths } from '../../model/context.ts';
import { describeError, type Json } from '../../model/errors.ts';
import type { Step, TaskContexts } from '../model/task.ts';

type SiteTask = TaskContexts['site'];

/** Creates the link with which people find a site's home by its URI. */
export const linkByName: Step<SiteTask> = {
  name: 'by-name',
  title: 'Link the home by name',
  async run({ site }, io) {
    const { byName, home } = sitePaths(site);
    await io.host.act('link.make', { path: byName, target: home });
  },
};

/** Removes that link. */
export const unlinkByName: Step<SiteTask> = {
  name: 'by-name',
  title: 'Remove the link by name',
  async run({ site }, io) {
    await io.host.act('link.remove', { path: sitePaths(site).byName });
  },
};

/** Measures the site's disk usage, files and database; the result contains `diskBytes`. */
export const measureSite: Step<SiteTask> = {
  name: 'measure',
  title: 'Measure its size',
  async run({ site }, io) {
    const asked = await io.host.ask({ file: 'du', args: ['-sxb', '--', sitePaths(site).home], timeoutMs: 120_000 });
    const files = Number(/^\d+/.exec(asked.stdout)?.[0]);
    try {
      const bytes = files + (await io.services.db(site.server).bytesOutside(io.host, site));
      if (Number.isFinite(bytes)) io.report({ diskBytes: bytes });
    } catch (error) {
      io.log('warning', `its size could not be measured: ${describeError(error).message}`);
    }
  },
};

/** The measured size, for the commit; undefined if it could not be measured. */
export const diskBytesIn = ({ diskBytes }: Readonly<Record<string, Json>>): number | undefined =>
  typeof diskBytes === 'number' ? diskBytes : undefined;
