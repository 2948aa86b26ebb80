import { dirname, join } from 'node:path';
import type { Host } from '../../host/host.ts';
import type { UserCommand } from '../../host/root-acts.ts';
import { type SiteContext, serverPaths, sitePaths } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import { publishProgram } from '../programs.ts';
import type { DatabaseDriver } from '../service.ts';
import type { Services } from '../services.ts';

/** A database as a file in the release, outside of every document root and readable only by the site's user. */
export function sqlite({ php }: Services): DatabaseDriver {
  async function drop(host: Host, site: SiteContext): Promise<void> {
    await host.act('tree.remove', { path: dirname(fileOf(site)), as: site.handle });
  }

  /** Uses PHP, which can read SQLite wherever a site does; the machine may have no client. */
  async function program(host: Host, site: SiteContext, verb: 'dump' | 'load'): Promise<UserCommand> {
    const file = await publishProgram(host, site.server, 'common', 'sqlite.php');
    const [command = '', ...before] = php(site.server).commandLine(site.server);
    const args = [...before, file, verb, fileOf(site)];
    return { user: site.handle, file: command, args, cwd: sitePaths(site).release };
  }

  /** SQLite's own prompt if it is installed, else a small one of ours. */
  async function prompt(host: Host, site: SiteContext): Promise<UserCommand> {
    const place = { user: site.handle, cwd: sitePaths(site).release };
    for (const file of ['/usr/bin/sqlite3', '/usr/local/bin/sqlite3', '/opt/homebrew/bin/sqlite3']) {
      if (await host.stat(file)) return { ...place, file, args: [fileOf(site)] };
    }
    const [file = '', ...before] = php(site.server).commandLine(site.server);
    if (before.length > 0) {
      throw new AegirError('CLIENT_MISSING', 'sqlite3 is not installed', 'Install the package sqlite3.');
    }
    return {
      ...place,
      file,
      args: [await publishProgram(host, site.server, 'common', 'sqlite-prompt.php'), fileOf(site)],
    };
  }

  return {
    kind: 'db',
    name: 'sqlite',
    detect: async () => [],
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
    drop,
    dropDatabase: drop,
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
}

/** In its own folder, since SQLite creates its journal and locks next to the file. */
const fileOf = (site: SiteContext): string => join(sitePaths(site).release, 'database/site.sqlite');
