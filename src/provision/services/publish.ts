import { type FileBefore, filesBefore, putBack, writeFiles } from '../change-files.ts';
import type { ServerContext, SiteContext } from '../context.ts';
import { engineNamed } from '../engines/registry.ts';
import { AegirError } from '../errors.ts';
import type { GeneratedFile } from '../generated-file.ts';
import type { Host } from '../host/host.ts';
import { httpDriver, phpDriver } from './registry.ts';
import type { SiteServiceDriver } from './service.ts';

/** A change of the web server's and PHP's configuration: files to write and paths to remove. */
export interface ConfigChange {
  write: GeneratedFile[];
  remove: string[];
}

/** The pool and vhost of a site. */
export function siteConfig(site: SiteContext): GeneratedFile[] {
  const engine = engineNamed(site.platform.engine);
  const web = engine.web(site);
  const readable = engine.readable(site);
  return [...phpDriver(site.server).siteFiles(site, web, readable), ...httpDriver(site.server).siteFiles(site, web, readable)];
}

/** The configuration that belongs to no site. */
export const serverConfig = (server: ServerContext): GeneratedFile[] => [
  ...phpDriver(server).serverFiles(server),
  ...httpDriver(server).serverFiles(server),
];

/** What a change would replace, for the journal. Empty when nothing would change. */
export const configBefore = (host: Host, { write, remove }: ConfigChange): Promise<FileBefore[]> =>
  filesBefore(host, write, remove);

/**
 * Writes a change, tests the whole configuration of web server and PHP once, and reloads each once; waits
 * until the new configuration answers. When a test fails, everything is put back and nothing is reloaded.
 * Throws `CONFIG_REFUSED`, `SERVICE_DOWN`. Call it under the `web` lock.
 */
export async function publish(host: Host, server: ServerContext, change: ConfigChange, before: FileBefore[]): Promise<void> {
  await writeFiles(host, change.write);
  for (const path of change.remove) await host.act('file.remove', { path });
  if (before.length === 0) return;
  try {
    await testAll(host, server);
  } catch (error) {
    await putBack(host, before);
    throw error;
  }
  await reloadAll(host, server);
}

/** Puts a change back and reloads, whatever state it was left in. */
export async function unpublish(host: Host, server: ServerContext, before: FileBefore[]): Promise<void> {
  await putBack(host, before);
  if (before.length > 0) await reloadAll(host, server);
}

const siteDrivers = (server: ServerContext): SiteServiceDriver[] => [phpDriver(server), httpDriver(server)];

async function testAll(host: Host, server: ServerContext): Promise<void> {
  for (const driver of siteDrivers(server)) await driver.test(host, server);
}

/** PHP first, so that a new vhost never asks a pool that is not there. A service that is down reads its files when it starts. */
async function reloadAll(host: Host, server: ServerContext): Promise<void> {
  for (const driver of siteDrivers(server)) {
    if ((await driver.state(host, server)) !== 'running') continue;
    const earlier = await driver.generation(host, server);
    await host.act('service.control', { service: driver.process(server), action: 'reload' });
    if (!host.planning) await untilReplaced(host, server, driver, earlier);
  }
}

const RELOAD_MS = 60_000;

async function untilReplaced(host: Host, server: ServerContext, driver: SiteServiceDriver, earlier: string[]): Promise<void> {
  for (let waited = 0; waited < RELOAD_MS; waited += 10) {
    const now = await driver.generation(host, server);
    if (now.length > 0 && !now.some((one) => earlier.includes(one))) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new AegirError('RELOAD_FAILED', `${driver.name} did not take over its new configuration`, 'See its error log.');
}
