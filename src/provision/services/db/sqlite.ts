import { dirname, join } from 'node:path';
import type { Host } from '../../host/host.ts';
import type { UserCommand } from '../../host/root-acts.ts';
import { type SiteContext, serverPaths, sitePaths } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import { phpDriver } from '../php/php-driver.ts';
import { publishProgram } from '../programs.ts';
import type { DatabaseDriver } from '../service.ts';

/** A database as a file in the release, outside of every document root and readable only by the site's user. */
export const sqlite: DatabaseDriver = {
  name: 'sqlite',
  detect: async () => undefined,
  // Part of PHP, so always available.
  state: async () => 'running',
  test: async () => [],
  control: async () => {},
  startedMs: async () => 1,
  access: (site) => ({ driver: 'sqlite', file: fileOf(site) }),
  phpSettings: () => ({}),
  async present(host, site) {
    return (await host.stat(fileOf(site))) ? [`database ${fileOf(site)}`] : [];
  },
  async make(host, site) {
    const path = dirname(fileOf(site));
    await host.act('folder.make', { path, owner: site.handle, group: site.handle, mode: 0o700 });
  },
  async drop(host, site) {
    await host.act('tree.remove', { path: dirname(fileOf(site)), as: site.handle });
  },
  dropDatabase: (host, site) => sqlite.drop(host, site),
  dump: (host, site) => program(host, site, 'dump'),
  load: (host, site) => program(host, site, 'load'),
  bytes: async (host, site) => (await host.stat(fileOf(site)))?.size ?? 0,
  bytesOutside: async () => 0,
  folder: async (_host, site) => serverPaths(site.server).sites,
  prompt,
  ask: async () => {},
  tryOut: async () => {},
  clearTryOut: async () => {},
};

/** Uses PHP, which can read SQLite wherever a site does; the machine may have no client. */
async function program(host: Host, site: SiteContext, verb: 'dump' | 'load'): Promise<UserCommand> {
  const file = await publishProgram(host, site.server, 'common', 'sqlite.php');
  const [php = '', ...before] = phpDriver(site.server).commandLine(site.server);
  return { user: site.handle, file: php, args: [...before, file, verb, fileOf(site)], cwd: sitePaths(site).release };
}

/** SQLite's own prompt if it is installed, else a small one of ours. */
async function prompt(host: Host, site: SiteContext): Promise<UserCommand> {
  const place = { user: site.handle, cwd: sitePaths(site).release };
  for (const file of ['/usr/bin/sqlite3', '/usr/local/bin/sqlite3', '/opt/homebrew/bin/sqlite3']) {
    if (await host.stat(file)) return { ...place, file, args: [fileOf(site)] };
  }
  const php = phpDriver(site.server);
  const [file = '', ...before] = php.commandLine(site.server);
  if (before.length > 0) {
    throw new AegirError('CLIENT_MISSING', 'sqlite3 is not installed', 'Install the package sqlite3.');
  }
  const program = await publishProgram(host, site.server, 'common', 'sqlite-prompt.php');
  return { ...place, file, args: [program, fileOf(site)] };
}

/** In its own folder, since SQLite creates its journal and locks next to the file. */
const fileOf = (site: SiteContext): string => join(sitePaths(site).release, 'database/site.sqlite');
