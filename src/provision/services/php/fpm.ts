import { dirname, join } from 'node:path';
import { z } from 'zod';
import { lastOutput } from '../../host/local/exec.ts';
import type { ServiceProcess } from '../../host/root-acts.ts';
import { byVersion } from '../../model/by-version.ts';
import { type ServerContext, type ServiceContext, serverPaths, serviceOf, sitePaths } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import type { GeneratedFile } from '../../model/generated-file.ts';
import { configRefused } from '../refusal.ts';
import type { PhpDriver } from '../service.ts';
import { pidFileMs, pidState, servicePid } from '../state.ts';
import { localPool, serverPool, sitePool } from './fpm-pool.ts';

const settings = z.object({
  binary: z.string(),
  conf: z.string(),
  pidFile: z.string(),
  unit: z.string(),
  /** PHP's executable for the command line. */
  commandLine: z.string(),
  /** '8.2': the name of its configuration folder. */
  branch: z.string(),
});

const settingsOf = (server: ServerContext) => settings.parse(serviceOf(server, 'php').settings);

/** How long requests of a site's visitors may take to finish before a task begins its work. */
const DRAIN_MS = 30_000;

/** PHP-FPM, with a pool per site that runs as the site's user. */
export const fpm: PhpDriver = {
  kind: 'php',
  name: 'fpm',
  extensionsHint: 'Install them, then verify the server: aegir server verify',
  network: true,
  async detect(host) {
    const branches = (await host.list('/etc/php'))
      .filter((name) => /^\d+\.\d+$/.test(name))
      .sort(byVersion)
      .reverse();
    const found: ServiceContext[] = [];
    for (const branch of branches) {
      const settings = packagedSettings(branch);
      const asked = await host.ask({ file: settings.binary, args: ['-v'], timeoutMs: 10_000 });
      if (asked.code !== 0) continue;
      const version = /^PHP (\d+\.\d+\.\d+)/.exec(asked.stdout)?.[1] ?? branch;
      found.push({ kind: 'php', driver: 'fpm', version, settings });
    }
    return found;
  },
  packaged: async (_host, branch) => ({
    kind: 'php',
    driver: 'fpm',
    version: branch,
    settings: packagedSettings(branch),
  }),
  state: async (host, server) => pidState(host, settingsOf(server).binary, processOf(server)),
  async test(host, server) {
    const { binary, conf } = settingsOf(server);
    const sockets = socketFolder(server);
    // FPM's own test does not check this folder, and FPM would exit on reload.
    if (!(await host.stat(sockets))) {
      throw new AegirError(
        'FOLDER_MISSING',
        `${sockets} for PHP's sockets is missing`,
        'aegir setup creates it again.',
      );
    }
    const asked = await host.ask({ file: binary, args: ['-t', '--fpm-config', conf], timeoutMs: 60_000 });
    const output = `${asked.stdout}\n${asked.stderr}`;
    if (asked.code === 0) return messagesOf(output, 'WARNING').map((warning) => `PHP-FPM warns: ${warning}`);
    // The cause comes first, then the file that included it.
    const syntax = /^PHP: +(syntax error.*?) in Unknown/m.exec(output)?.[1];
    const problem = syntax ?? messagesOf(output, 'ERROR|ALERT')[0] ?? lastOutput(asked);
    const file = /\[(\/[^\]]*):\d+\]/.exec(problem)?.[1] ?? / Unable to include (\/.*?) from /.exec(output)?.[1];
    const place = file === undefined || problem.includes(file) ? problem : `${problem} in ${file}`;
    const command = `${binary} -t --fpm-config ${conf}`;
    throw await configRefused(host, { daemon: 'PHP-FPM', message: place, file, command });
  },
  control: (host, server, action, signal) =>
    host.act('service.control', { service: processOf(server), action }, signal && { signal }),
  startedMs: (host, server) => pidFileMs(host, processOf(server)),
  include: (server) => `include = "${join(folderOf(server), '*.conf')}"`,
  reads: (server, path) => path.startsWith(`${folderOf(server)}/`) || /\/local\.pool[^/]*\.conf$/.test(path),
  async generation(host, server) {
    // The master re-executes itself (as a daemon with a new process id) and writes its pid file once its sockets are
    // open. If it ended instead, the old file is still there.
    const alive = (await servicePid(host, processOf(server))) !== undefined;
    const fact = await host.stat(settingsOf(server).pidFile);
    return alive && fact ? [String(fact.modifiedMs)] : [];
  },
  folders: (server) => [
    { path: dirname(folderOf(server)), group: 'root', mode: 0o700 },
    { path: folderOf(server), group: 'root', mode: 0o700 },
    // Only the web server may use the sockets.
    { path: socketFolder(server), group: server.webUser, mode: 0o750 },
  ],
  serverFiles: (server) => [
    rootsFile(
      join(folderOf(server), 'aegir.conf'),
      serverPool(join(socketFolder(server), `aegir-${settingsOf(server).branch}.sock`)),
    ),
  ],
  siteFiles({ site, php: { readable, socket } }) {
    const path = join(folderOf(site.server), `site-${site.handle}.conf`);
    const local = rootsFile(join(sitePaths(site).local, 'local.pool.conf'), localPool(site.uri));
    return [rootsFile(path, sitePool(site, { readable, socket })), { ...local, once: true }];
  },
  socket: ({ server, handle }) => join(socketFolder(server), `${handle}-${settingsOf(server).branch}.sock`),
  drain: (host, { server, handle }) =>
    host.act('user.drain', { user: handle, program: settingsOf(server).binary, waitMs: DRAIN_MS }),
  commandLine: (server) => [settingsOf(server).commandLine],
};

/** Debian's and Ubuntu's packaged defaults. */
const packagedSettings = (branch: string) => ({
  binary: `/usr/sbin/php-fpm${branch}`,
  conf: `/etc/php/${branch}/fpm/php-fpm.conf`,
  pidFile: `/run/php/php${branch}-fpm.pid`,
  unit: `php${branch}-fpm.service`,
  commandLine: `/usr/bin/php${branch}`,
  branch,
});

function processOf(server: ServerContext): ServiceProcess {
  const { binary, conf, pidFile, unit } = settingsOf(server);
  const start = [binary, '--daemonize', '--fpm-config', conf];
  return { unit, pidFile, start, reloadSignal: 'SIGUSR2', stopSignal: 'SIGQUIT', foreground: false };
}

const socketFolder = (server: ServerContext): string => join(serverPaths(server).run, 'php');

const folderOf = (server: ServerContext): string => join(serverPaths(server).config, 'php', settingsOf(server).branch);

const rootsFile = (path: string, text: string): GeneratedFile => ({ path, text, group: 'root', mode: 0o644 });

/** FPM's messages of one level, without the time: `[23-Nov-2026 06:47:55] ERROR: ...`. */
const messagesOf = (output: string, level: string): string[] =>
  [...output.matchAll(new RegExp(`^(?:\\[[^\\]]*\\] )?(?:${level}): (.*)$`, 'gm'))].map(([, text = '']) => text);
