import { sitePaths } from '../../context.ts';
import type { Step, TaskContexts } from '../../task.ts';

type SiteTask = TaskContexts['site'];

/** Makes the link by which people find a site's home by its URI. */
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

/** Measures what the site takes on the disk; the result carries `diskBytes`. */
export const measureSite: Step<SiteTask> = {
  name: 'measure',
  title: 'Measure its size',
  async run({ site }, io) {
    const asked = await io.host.ask({ file: 'du', args: ['-sxb', '--', sitePaths(site).home], timeoutMs: 120_000 });
    const bytes = Number(/^\d+/.exec(asked.stdout)?.[0]);
    if (Number.isFinite(bytes)) io.report({ diskBytes: bytes });
  },
};
