import { join } from 'node:path';
import type { Host } from '../../../src/provision/host/host.ts';
import type { RootVerb } from '../../../src/provision/host/root-acts.ts';
import type { SiteContext } from '../../../src/provision/model/context.ts';
import { describeError, type ErrorDocument } from '../../../src/provision/model/errors.ts';
import { type ConfigChange, configBefore, publish } from '../../../src/provision/services/publish.ts';
import { standardProgram } from '../../../src/provision/standard.ts';
import { type Stack, startStack } from '../../support/stack.ts';
import { makeSite, sampleConfig, writeTree } from './real-site.ts';

/** A stack with one published site, and hands to publish others. */
export interface Publishing {
  stack: Stack;
  site: SiteContext;
  host: Host;
  /** What was done to services, as `reload nginx`, and what the daemons warned of. Emptied between tests. */
  controlled: string[];
  warnings: string[];
  change(wanted: ConfigChange): Promise<void>;
  put(...sites: SiteContext[]): Promise<void>;
  take(...sites: SiteContext[]): Promise<void>;
  /** The body of a page. */
  answer(site: SiteContext, path?: string): Promise<string>;
}

/** Says how much memory it has, and works for a second when asked to. */
const program = `<?php
for ($end = microtime(true) + 1; isset($_GET['work']) && microtime(true) < $end;) { md5('x'); }
echo isset($_GET['work']) ? 'worked' : ini_get('memory_limit');
`;

export async function startPublishing(): Promise<Publishing> {
  const stack = await startStack({ db: false });
  const site = await makeSite(stack, 1, 'one.example.test');
  writeTree(join(site.platform.root, 'web'), { 'index.php': program, 'page.txt': 'page' });
  const controlled: string[] = [];
  const warnings: string[] = [];
  const host = recording(stack.host, controlled);
  const change = async (wanted: ConfigChange): Promise<void> =>
    publish(
      { host, services: standardProgram.services },
      stack.server,
      wanted,
      await configBefore(host, wanted),
      (text) => warnings.push(text),
    );
  const put = (...sites: SiteContext[]) => change({ write: sites.flatMap(sampleConfig), remove: [] });
  const take = (...sites: SiteContext[]) =>
    change({ write: [], remove: sites.flatMap(sampleConfig).map(({ path }) => path) });
  const answer = async ({ uri }: SiteContext, path = '/') => (await stack.fetch(uri, path)).body;
  await put(site);
  controlled.length = 0;
  return { stack, site, host, controlled, warnings, change, put, take, answer };
}

export const withMemory = (site: SiteContext, memoryMb: number): SiteContext => ({
  ...site,
  php: { ...site.php, memoryMb },
});

/** The error of work that must fail. */
export async function failing(work: Promise<unknown>): Promise<ErrorDocument> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => describeError(error),
  );
  if (!failure) throw new Error('it did not fail');
  return failure;
}

function recording(real: Host, controlled: string[]): Host {
  const act = async (verb: RootVerb, args: never): Promise<never> => {
    if (verb === 'service.control') {
      const { service, action } = args as { service: { start: string[] }; action: string };
      controlled.push(`${action} ${service.start[0]?.replace(/.*\//, '')}`);
    }
    return (await real.act(verb, args)) as never;
  };
  return { ...real, act: act as Host['act'] };
}
