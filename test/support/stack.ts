import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFiles } from '../../src/provision/host/change-files.ts';
import type { Host } from '../../src/provision/host/host.ts';
import { localHost } from '../../src/provision/host/makers/local.ts';
import type { Policy } from '../../src/provision/host/policy.ts';
import type { ServerContext } from '../../src/provision/model/context.ts';
import { type RootPaths, rootPaths } from '../../src/provision/model/paths.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { type Ask, ask, type Page } from './http-client.ts';
import { type PrivateMariadb, startMariadb } from './mariadb.ts';
import { freeSlot, takeSlot } from './stack-slots.ts';

/** A web server, PHP and, unless it is not wanted, a database of the tests' own under a root of their own. */
export interface Stack {
  root: string;
  paths: RootPaths;
  server: ServerContext;
  policy: Policy;
  host: Host;
  port: number;
  /** Asks the web server under a host name; status 0 when it hangs up without an answer. */
  fetch(host: string, path: string, options?: Ask): Promise<Page>;
  /** Ends what was started, by process id, and removes the users that were made and the root. */
  stop(): Promise<void>;
}

/** Where the stack's MariaDB listens. */
export const socketOf = ({ server }: Pick<Stack, 'server'>): string =>
  String(server.services.find(({ kind }) => kind === 'db')?.settings.socket);

/** The newest PHP-FPM that is installed: `8.4`. Tests name it by this, for each release of a system has another. */
export const phpBranch = (): string => {
  const installed = existsSync('/etc/php') ? readdirSync('/etc/php') : [];
  const branches = installed.filter((name) => existsSync(`/usr/sbin/php-fpm${name}`));
  return branches.sort((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1) ?? '';
};

export interface StackOptions {
  prefix?: string;
  db?: boolean;
  /** Branches under which the same PHP runs once more, as a service of its own. */
  otherPhp?: string[];
  /** Size of a disk of its own (`900m`), where there is the right to mount one. */
  disk?: string;
}

/**
 * Starts nginx and PHP-FPM on the configuration of a new root, and MariaDB unless `db` is false. User names and ids
 * are the stack's own, so that test files run side by side. Needs root and the Debian packages.
 */
export async function startStack({
  prefix = 'aegtest',
  db = true,
  otherPhp = [],
  disk,
}: StackOptions = {}): Promise<Stack> {
  const root = mkdtempSync(join(tmpdir(), 'aegtest-stack-'));
  if (disk) mountDisk(root, disk);
  // Site users and the web server pass through, and see no names.
  chmodSync(root, 0o711);
  const slot = await takeSlot(root, prefix);
  const paths = rootPaths(root);
  const port = await freePort();
  makeFolders(paths);
  const database = db ? await startMariadb(root) : undefined;
  const server = serverOf(slot, paths, { port, database, otherPhp });
  const policy: Policy = {
    paths,
    handlePrefix: slot.handlePrefix,
    uidBase: slot.uidBase,
    webUser: server.webUser,
    mark: '',
    systemFiles: [],
    platformFolders: [],
  };
  const host = localHost(policy);
  const stop = async (): Promise<void> => {
    await database?.stop();
    await freeSlot(slot);
  };
  try {
    for (const { path, group, mode } of standardProgram.services.folders(server)) {
      await host.act('folder.make', { path, owner: 'root', group, mode });
    }
    await writeFiles(host, standardProgram.services.serverFiles(server));
    writeDaemonFiles(server, paths);
    for (const placed of standardProgram.services.forSites(server))
      await placed.driver.control(host, placed.server, 'start');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    root,
    paths,
    server,
    policy,
    host,
    port,
    fetch: (name, path, options) => ask(port, name, path, options),
    stop,
  };
}

/** Where there is no right to mount, the folders are ordinary ones. */
function mountDisk(root: string, size: string): void {
  const mount = (path: string, bytes: string) =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0755`, 'aegtest', path]);
  mount(root, size);
  // As /run is on a server: daemons need it to start again when the disk is full.
  mkdirSync(join(root, 'run'), { mode: 0o755 });
  mount(join(root, 'run'), '64m');
}

/** What `setup` makes on a real server. */
function makeFolders(paths: RootPaths): void {
  const { platforms, sites, byName, backups, config, taskLogs, cache, programs, etc, serviceLogs, run } = paths;
  for (const path of [
    platforms,
    byName,
    backups,
    config,
    taskLogs,
    cache,
    programs,
    etc,
    serviceLogs,
    run,
    join(etc, 'sites'),
  ]) {
    mkdirSync(path, { recursive: true, mode: 0o755 });
  }
  mkdirSync(sites, { mode: 0o711 });
}

function serverOf(
  { handlePrefix, uidBase }: { handlePrefix: string; uidBase: number },
  { root, run }: RootPaths,
  { port, database, otherPhp }: { port: number; database: PrivateMariadb | undefined; otherPhp: string[] },
): ServerContext {
  const own = (name: string) => ({ conf: join(run, `${name}.conf`), pidFile: join(run, `${name}.pid`), unit: '' });
  const installed = phpBranch();
  const http = { binary: '/usr/sbin/nginx', ...own('nginx'), listen: [`127.0.0.1:${port}`] };
  const php = { binary: `/usr/sbin/php-fpm${installed}`, commandLine: `/usr/bin/php${installed}` };
  const phps = [installed, ...otherPhp].map((branch, at) => ({ ...php, ...own(fpmName(at)), branch }));
  const services: ServerContext['services'] = [
    { kind: 'http', driver: 'nginx', version: '', settings: http },
    ...phps.map((settings) => ({ kind: 'php', driver: 'fpm', version: settings.branch, settings })),
  ];
  if (database) {
    const { conf, socket, pidFile } = database;
    const settings = { binary: '/usr/sbin/mariadbd', conf, socket, pidFile, unit: '' };
    services.push({ kind: 'db', driver: 'mariadb', version: '', settings });
  }
  return { name: 'server_master', root, handlePrefix, uidBase, webUser: 'www-data', services };
}

const fpmName = (at: number): string => (at === 0 ? 'fpm' : `fpm-${at}`);

/** The daemons' own configuration, which belongs to the machine on a real server. */
function writeDaemonFiles(server: ServerContext, { run }: RootPaths): void {
  const temporary = ['client_body', 'fastcgi', 'proxy', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(run, `nginx-${name}`)};`,
  );
  const nginx = `user ${server.webUser};
worker_processes 2;
pid ${join(run, 'nginx.pid')};
error_log ${join(run, 'nginx.log')};
events { worker_connections 256; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log off;
  ${temporary.join('\n  ')}
  ${standardProgram.services.http(server).include(server)}
  include ${join(run, 'nginx-own')}/*.conf;
}
`;
  mkdirSync(join(run, 'nginx-own'));
  writeFileSync(join(run, 'nginx.conf'), nginx);
  const phps = standardProgram.services.forSites(server).filter(({ service }) => service.kind === 'php');
  phps.forEach(({ driver, server: its }, at) => {
    const [pid, log] = ['pid', 'log'].map((ending) => join(run, `${fpmName(at)}.${ending}`));
    const text = `[global]\npid = ${pid}\nerror_log = ${log}\n${driver.include(its)}\n`;
    writeFileSync(join(run, `${fpmName(at)}.conf`), text);
  });
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve, reject) => listener.once('error', reject).listen(0, '127.0.0.1', resolve));
  const found = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  if (found === null || typeof found === 'string') throw new Error('no free port');
  return found.port;
}
