import { dirname, join } from 'node:path';
import { type SiteContext, sitePaths } from '../../context.ts';
import { publishProgram } from '../../engines/program.ts';
import { AegirError } from '../../errors.ts';
import type { CommandResult, Host } from '../../host/host.ts';
import type { UserWords } from '../../host/root-acts.ts';
import { phpDriver } from '../registry.ts';
import type { DatabaseDriver } from '../service.ts';

/** A database as a file in the release, outside of every document root; the site's own user alone reads it. */
export const sqlite: DatabaseDriver = {
  name: 'sqlite',
  detect: async () => undefined,
  // PHP brings it.
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
  async snapshot(host, site, file, live) {
    const [php = '', ...before] = phpCommand(site);
    const code = '$db = new PDO("sqlite:" . $argv[1]); $db->exec("VACUUM INTO " . $db->quote($argv[2])); echo "done";';
    const args = [...before, '-r', code, '--', fileOf(site), file];
    const { stdout, stderr } = await runHere(host, site, php, args, live);
    if (host.planning || stdout.endsWith('done')) return;
    throw new AegirError('DUMP_FAILED', `${fileOf(site)} cannot be copied: ${stderr || stdout}`, 'See the disk.');
  },
  async restore(host, site, file, live) {
    const target = fileOf(site);
    const commands: [string, ...string[]][] = [
      ['cp', '--', file, `${target}.restored`],
      ['rm', '-f', '--', `${target}-wal`, `${target}-shm`, `${target}-journal`],
      ['mv', '--', `${target}.restored`, target],
    ];
    for (const [command, ...args] of commands) {
      const { code, stderr } = await runHere(host, site, command, args, live);
      if (code !== 0) throw new AegirError('LOAD_FAILED', `${target} cannot be put back: ${stderr}`, 'See the disk.');
    }
  },
  dropDatabase: (host, site) => sqlite.drop(host, site),
  dump: (host, site) => program(host, site, 'dump'),
  load: (host, site) => program(host, site, 'load'),
  ask: async () => {},
  tryOut: async () => {},
  clearTryOut: async () => {},
};

/** PHP brings SQLite with it, so no other program is needed. */
const phpCommand = (site: SiteContext): string[] => phpDriver(site.server).commandLine(site.server);

const runHere = (
  host: Host,
  site: SiteContext,
  file: string,
  args: string[],
  { signal }: { signal?: AbortSignal },
): Promise<CommandResult> => {
  const command = { user: site.handle, file, args, cwd: dirname(fileOf(site)), timeoutMs: 7_200_000 };
  return host.act('user.run', command, signal ? { signal } : {});
};
/** PHP knows SQLite wherever a site does; the machine may have no client. */
async function program(host: Host, site: SiteContext, verb: 'dump' | 'load'): Promise<UserWords> {
  const file = await publishProgram(host, site.server, 'common', 'sqlite.php');
  const [php = '', ...before] = phpDriver(site.server).commandLine(site.server);
  return { user: site.handle, file: php, args: [...before, file, verb, fileOf(site)], cwd: sitePaths(site).release };
}

/** In a folder of its own: SQLite puts its journal and locks beside the file. */
const fileOf = (site: SiteContext): string => join(sitePaths(site).release, 'database/site.sqlite');
