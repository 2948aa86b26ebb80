import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Host } from '../../src/provision/host/host.ts';
import { type ServerContext, type SiteContext, sitePaths } from '../../src/provision/model/context.ts';
import { rootPaths } from '../../src/provision/model/paths.ts';
import { configBefore, publish } from '../../src/provision/services/publish.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import type { PhpChoice } from '../../src/setup/choose-php.ts';
import { makeTrial, startTrial, stopTrial, trialOf } from '../../src/setup/trial.ts';
import type { Root } from '../../src/worker/open-root.ts';
import { samplePhp, sampleSite, sampleWeb } from '../provision/services/sample-site.ts';
import { testCache } from './cache.ts';
import { type Ask, ask, type Page } from './http-client.ts';

/** A root with embedded services of the tests' own. */
export interface Trial {
  root: Root;
  host: Host;
  server: ServerContext;
  port: number;
  fetch(name: string, path: string, options?: Ask): Promise<Page>;
  /** Makes the folders of a site of the sample engine. */
  makeSite(number: number, uri: string, changed?: Partial<SiteContext>): Promise<SiteContext>;
  /** Makes it and publishes it. */
  addSite(number: number, uri: string, changed?: Partial<SiteContext>): Promise<SiteContext>;
  stop(): Promise<void>;
}

/** Packages that every run would fetch anew; kept for the next one. */
export const trialCache = testCache('trial');

/** Makes and starts a trial in a new folder; `php: 'cli'` is a local PHP without FPM. */
export async function startTestTrial(php: PhpChoice | 'cli'): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), 'aegtest-'));
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const paths = { ...rootPaths(folder), cache: php === 'wasm' ? trialCache : join(folder, 'cache') };
  const root = await makeTrial(paths, standardProgram, { php: php === 'cli' ? 'local' : php, port });
  if (php === 'cli')
    root.inventory.exec(`UPDATE service SET settings = json_set(settings, '$.fpm', '') WHERE kind = 'php'`);
  await startTrial(root, port, () => {});
  const { server, host } = trialOf(root);
  const makeSite = async (number: number, uri: string, changed: Partial<SiteContext> = {}): Promise<SiteContext> => {
    const site = { ...sampleSite(server, number, uri), ...changed };
    await makeFolders(host, site);
    return site;
  };
  return {
    root,
    host,
    server,
    port,
    fetch: (name, path, options) => ask(port, `${name}:${port}`, path, options),
    makeSite,
    async addSite(number, uri, changed) {
      const site = await makeSite(number, uri, changed);
      const web = sampleWeb(site);
      const drivers = [standardProgram.services.php(server), standardProgram.services.http(server)];
      const change = {
        write: drivers.flatMap((driver) => driver.siteFiles({ site, web, php: samplePhp(site) })),
        remove: [],
      };
      await publish({ host, services: standardProgram.services }, server, change, await configBefore(host, change));
      return site;
    },
    async stop() {
      await stopTrial(root);
      root.inventory.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function makeFolders(host: Host, site: SiteContext): Promise<void> {
  const paths = sitePaths(site);
  const { home, files, release, settings, tmp, local, logs } = paths;
  for (const path of [home, dirname(files), files, dirname(release), release, settings, tmp, local, logs]) {
    await host.act('folder.make', { path, owner: site.handle, group: site.handle, mode: 0o700 });
  }
}
