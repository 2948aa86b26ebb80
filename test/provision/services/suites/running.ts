import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Host } from '../../../../src/provision/host/host.ts';
import { type ServerContext, type SiteContext, sitePaths } from '../../../../src/provision/model/context.ts';
import type { GeneratedFile } from '../../../../src/provision/model/generated-file.ts';
import { type ConfigChange, configBefore, publish, unpublish } from '../../../../src/provision/services/publish.ts';
import type { SiteServiceDriver } from '../../../../src/provision/services/service.ts';
import type { Services } from '../../../../src/provision/services/services.ts';
import type { Ask, Page } from '../../../support/http-client.ts';
import { samplePhp, sampleWeb } from '../sample-site.ts';
import { writeSampleTree } from './tree.ts';

/** A server whose services run with the drivers that are tried. */
export interface RunningServer {
  server: ServerContext;
  host: Host;
  services: Services;
  /** Makes the user and the folders of a site; nothing is published yet. */
  makeSite(number: number, uri: string, changed?: Partial<SiteContext>): Promise<SiteContext>;
  /** Requests a page from the server's web server under a host name. Status 0 when it hangs up without an answer. */
  fetch(name: string, path: string, options?: Ask): Promise<Page>;
  stop(): Promise<void>;
}

/** How such a server is started, and what the tests of its drivers may count on. */
export interface TriedServer {
  title: string;
  /** The drivers whose suites run on it. */
  drivers: string[];
  /**
   * What its PHP makes of a site's limits. `fixed`: code cannot change them. `changeable`: it can, for PHP knows none of that kind.
   * `shared`: so it can, and those that PHP reads only as it starts are the same for all sites.
   */
  limits: 'fixed' | 'changeable' | 'shared';
  /** Why it cannot run here; undefined if it can. */
  missing?: string | undefined;
  start(): Promise<RunningServer>;
}

/** What the suites use: the server, a published site with small limits, a neighbour, and ways to publish. */
export interface Tried extends RunningServer {
  site: SiteContext;
  neighbour: SiteContext;
  /** Publishes sites as tasks do; answers how they were before, for `undo`. */
  put(...sites: SiteContext[]): ReturnType<typeof configBefore>;
  take(...sites: SiteContext[]): Promise<void>;
  undo(before: Awaited<ReturnType<typeof configBefore>>): Promise<void>;
  /** What the page answers to `?do=` (tree.ts), on a path. Throws when it is no JSON. */
  asks(what: string, path?: string, site?: SiteContext): Promise<unknown>;
}

/** Small enough to be reached within seconds. */
export const smallLimits = { memoryMb: 64, uploadMb: 2, children: 3, timeS: 5 };

/** Starts the server before the tests of a `describe` and stops it after them; the function answers it meanwhile. */
export function useServer({ start, missing }: TriedServer): () => Tried {
  let tried: Tried | undefined;
  let running: RunningServer | undefined;
  beforeAll(async () => {
    if (missing) return;
    running = await start();
    tried = await withSites(running);
  }, 180_000);
  afterAll(() => running?.stop());
  return () => {
    if (!tried) throw new Error('the server has not started');
    return tried;
  };
}

async function withSites(running: RunningServer): Promise<Tried> {
  const { host, server, services } = running;
  const io = { host, services };
  const change = async (wanted: ConfigChange) => {
    const before = await configBefore(host, wanted);
    await publish(io, server, wanted, before);
    return before;
  };
  const site = await running.makeSite(1, 'one.localhost', { php: smallLimits });
  const neighbour = await running.makeSite(2, 'two.localhost');
  writeSampleTree(site);
  const tried: Tried = {
    ...running,
    ...{ site, neighbour },
    put: (...sites) => change({ write: sites.flatMap((one) => configOf(services, one)), remove: [] }),
    async take(...sites) {
      const files = sites.flatMap((one) => configOf(services, one));
      await change({ write: [], remove: files.map(({ path }) => path) });
    },
    undo: (before) => unpublish(io, server, before),
    asks: async (what, path = '', of = site) =>
      JSON.parse((await running.fetch(of.uri, `/?do=${what}&path=${encodeURIComponent(path)}`)).body),
  };
  await tried.put(site, neighbour);
  return tried;
}

/** The configuration files of a site by its server's drivers, as the sample engine has it served. */
const configOf = (services: Services, site: SiteContext): GeneratedFile[] =>
  services.forSites(site.server).flatMap(({ driver, server }) => filesOf(driver, { ...site, server }));

export const filesOf = (driver: SiteServiceDriver, site: SiteContext): GeneratedFile[] =>
  driver.siteFiles({ site, web: sampleWeb(site), php: samplePhp(site) });

/** A file that the site's own PHP may write and we may read. */
export const scratch = (site: SiteContext, name: string): string => join(sitePaths(site).tmp, name);

/** Overwrites a file for the time of some work, keeping its mode. */
export async function damaged<T>(path: string, text: string, before: string, work: () => Promise<T>): Promise<T> {
  if (!existsSync(path)) throw new Error(`${path} is not there to be damaged`);
  writeFileSync(path, text);
  try {
    return await work();
  } finally {
    writeFileSync(path, before);
  }
}
