import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PageAnswer } from '../../host/host.ts';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import { addressOf, privateName, webNames } from '../../model/site-names.ts';
import { closedPage } from '../../services/http/closed-page.ts';
import type { Step, StepIo, TaskContexts } from '../model/task.ts';

/** Requests the front page from the web server; only what visitors would see counts. */
export const probeSite: Step<TaskContexts['site']> = {
  name: 'probe',
  title: 'Request the front page',
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

/**
 * What is wrong with a site's front page; undefined if visitors see it. Bypasses the password, and follows redirects
 * within the site.
 */
export async function troubleOf(site: SiteContext, io: StepIo): Promise<string | undefined> {
  const closed = site.web.probe ? undefined : closedPage(site);
  const answer = await followed(site, io);
  if (typeof answer === 'string') return answer;
  const { status, body } = answer;
  if (closed && status === closed.status) return undefined;
  const { errorPage } = io.engines.named(site.platform.engine).web(site);
  if (status < 200 || status >= 500) {
    await showErrorLog(site, io);
    return `answers ${status === 0 ? `nothing: ${body}` : status}`;
  }
  if (errorPage && new RegExp(errorPage).test(body)) return `is an error: ${visibleText(body)}`;
  io.log('info', `the front page answers ${status}`);
  return undefined;
}

/** The visible text of a page. */
const visibleText = (html: string): string =>
  html
    .replaceAll(/<(style|script|head)\b.*?<\/\1>/gis, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s*\n\s*/g, '\n')
    .trim();

/** The page at the end of the front page's redirects; a text if they form a loop. */
async function followed(site: SiteContext, io: StepIo): Promise<PageAnswer | string> {
  const asked = new Set<string>();
  for (let path = '/'; ; ) {
    asked.add(path);
    const answer = await askPatiently(site, path, io);
    const next = leadsTo(io.services.url(site), site, path, answer);
    if (next === undefined) return answer;
    if (asked.has(next) || asked.size > MOST_LEADS) return `redirects in a loop, to ${answer.location}`;
    path = next;
  }
}

/** The path within the site to which an answer redirects; other sites are not requested. */
function leadsTo(url: string, site: SiteContext, path: string, { status, location }: PageAnswer): string | undefined {
  if (status < 300 || status >= 400 || location === undefined || !URL.canParse(location, url)) return undefined;
  const here = new URL(path, url);
  const to = new URL(location, here);
  const own = to.hostname === here.hostname || webNames(site).redirected.includes(to.hostname);
  return own && to.protocol === here.protocol && to.port === here.port ? `${to.pathname}${to.search}` : undefined;
}

/** The web server's status while its PHP is being replaced. */
const PASSING = 502;
const PAUSE_MS = 500;
const TRIES = 3;
/** About as many redirects as browsers follow. */
const MOST_LEADS = 10;

async function askPatiently(site: SiteContext, path: string, io: StepIo): Promise<PageAnswer> {
  const name = privateName(site) || addressOf(site);
  for (let left = TRIES - 1; ; left -= 1) {
    const answer = await io.services.http(site.server).probe(io.host, site.server, name, path);
    if (left === 0 || answer.status !== PASSING) return answer;
    io.log('info', `the front page answers ${answer.status}; asked again`);
    await sleep(PAUSE_MS, undefined, { signal: io.signal });
  }
}

/** Logs the newest lines of the site's error log: a failed task may remove that log. */
async function showErrorLog(site: SiteContext, io: StepIo): Promise<void> {
  const file = join(sitePaths(site).logs, 'error.log');
  const { code, stdout } = await io.host.ask({ file: 'tail', args: ['-n', '10', '--', file] });
  const lines = code === 0 ? stdout.split('\n').filter((line) => line.trim() !== '') : [];
  for (const line of lines) io.log('error', `error.log: ${line}`);
}
