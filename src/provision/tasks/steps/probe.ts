import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SiteContext, sitePaths } from '../../context.ts';
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
      'The lines before this one in the log are from the error log of the site.',
    );
  },
};

/** What is wrong with a site's front page; undefined when visitors see it. */
export async function troubleOf(site: SiteContext, io: StepIo): Promise<string | undefined> {
  const { probe } = site.web;
  const { status, body } = await askPatiently(site, probe || site.uri, io);
  const closed = probe ? undefined : closedPage(site);
  if (closed && status === closed.status) return undefined;
  const { errorPage } = engineNamed(site.platform.engine).web(site);
  if (status < 200 || status >= 500) {
    await showErrorLog(site, io);
    return `answers ${status === 0 ? `nothing: ${body}` : status}`;
  }
  if (errorPage && new RegExp(errorPage).test(body)) return `is an error: ${body.replaceAll(/<[^>]*>/g, '').trim()}`;
  io.log('info', `the front page answers ${status}`);
  return undefined;
}

/** What a web server says in the moment in which its PHP is being replaced. */
const PASSING = 502;
const PAUSE_MS = 500;
const TRIES = 3;

async function askPatiently(site: SiteContext, name: string, io: StepIo): Promise<{ status: number; body: string }> {
  for (let left = TRIES - 1; ; left -= 1) {
    const answer = await httpDriver(site.server).probe(io.host, site.server, name, '/');
    if (left === 0 || answer.status !== PASSING) return answer;
    io.log('info', `the front page answers ${answer.status}; asked again`);
    await sleep(PAUSE_MS, undefined, { signal: io.signal });
  }
}

/** The newest lines of the site's own log: a task that fails may take the log with it. */
async function showErrorLog(site: SiteContext, io: StepIo): Promise<void> {
  const file = join(sitePaths(site).logs, 'error.log');
  const { code, stdout } = await io.host.ask({ file: 'tail', args: ['-n', '10', '--', file] });
  const lines = code === 0 ? stdout.split('\n').filter((line) => line.trim() !== '') : [];
  for (const line of lines) io.log('error', `error.log: ${line}`);
}
