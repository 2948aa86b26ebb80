import type { SiteContext } from '../../context.ts';
import { engineNamed } from '../../engines/registry.ts';
import { AegirError } from '../../errors.ts';
import { closedPage } from '../../services/http/site-face.ts';
import { httpDriver } from '../../services/registry.ts';
import type { Step, StepIo, TaskContexts } from '../../task.ts';

/** Asks the web server for the front page; what visitors would see decides. */
export const probeSite: Step<TaskContexts['site']> = {
  name: 'probe',
  title: 'Ask for the front page',
  async run({ site }, io) {
    const trouble = await troubleOf(site, io);
    if (trouble === undefined) return;
    throw new AegirError(
      'SITE_NOT_ANSWERING',
      `the front page of ${site.uri} ${trouble}`,
      'The error log of the site says more.',
    );
  },
};

/** What is wrong with a site's front page; undefined when visitors see it. */
export async function troubleOf(site: SiteContext, io: StepIo): Promise<string | undefined> {
  const { status, body } = await httpDriver(site.server).probe(io.host, site.server, site.uri, '/');
  const closed = closedPage(site);
  if (closed && status === closed.status) return undefined;
  const { errorPage } = engineNamed(site.platform.engine).web(site);
  if (status < 200 || status >= 500) return `answers ${status === 0 ? `nothing: ${body}` : status}`;
  if (errorPage && new RegExp(errorPage).test(body)) return `is an error: ${body.replaceAll(/<[^>]*>/g, '').trim()}`;
  io.log('info', `the front page answers ${status}`);
  return undefined;
}
