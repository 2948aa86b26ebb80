import { join } from 'node:path';
import { z } from 'zod';
import { lastOutput } from '../../host/local/exec.ts';
import { frontPhpFile } from '../../host/local/own-files.ts';
import { type ServerContext, serverPaths, serviceOf } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import { generatedNotice } from '../../model/generated-file.ts';
import { drainFront, frontFile, stateOfFront } from '../front.ts';
import type { PhpDriver } from '../service.ts';
import { embeddedPool } from './embedded-pool.ts';
import { sitePool } from './fpm-pool.ts';

const settings = z.object({
  /** PHP's executable for the command line. */
  binary: z.string(),
  /** PHP-FPM of the same version; '' if not installed. */
  fpm: z.string(),
});

const settingsOf = (server: ServerContext) => settings.parse(serviceOf(server, 'php').settings);

/** A PHP of this machine, run by an ordinary user: PHP-FPM if installed, else PHP's own web server. */
export const local: PhpDriver = {
  kind: 'php',
  name: 'local',
  extensionsHint: 'Install them, then start this trial again: aegir try --stop, then aegir try',
  network: true,
  // Chosen when the root folder is created.
  detect: async () => [],
  async state(host, server) {
    if (!(await host.stat(settingsOf(server).binary))) return 'absent';
    const front = await stateOfFront(host, server);
    return front && (front.php.kind === 'cli' || front.php.running > 0) ? 'running' : 'stopped';
  },
  async test(host, server) {
    const { fpm } = settingsOf(server);
    if (fpm === '') return [];
    const asked = await host.ask({ file: fpm, args: ['-t', ...asRoot(), '-y', confOf(server)], timeoutMs: 60_000 });
    if (asked.code === 0) return [];
    throw new AegirError(
      'CONFIG_REFUSED',
      `PHP-FPM refuses the configuration: ${lastOutput(asked)}`,
      'Nothing was reloaded.',
    );
  },
  control: (host, _server, action) => host.act('front.control', { action, part: 'php' }),
  startedMs: async (host, server) => (await stateOfFront(host, server))?.startedMs ?? 0,
  include: () => '',
  reads: (server, path) =>
    path.startsWith(`${folderOf(server)}/`) ||
    /\/front\/php[^/]*\.json$/.test(path) ||
    /\/local\.pool[^/]*\.conf$/.test(path),
  async generation(host, server) {
    const front = await stateOfFront(host, server);
    return front ? [front.generation] : [];
  },
  folders: (server) => [
    { path: folderOf(server), group: 'root', mode: 0o700 },
    { path: join(serverPaths(server).run, 'php'), group: 'root', mode: 0o700 },
  ],
  serverFiles(server) {
    const { binary, fpm } = settingsOf(server);
    const { run, serviceLogs } = serverPaths(server);
    if (fpm === '') return [frontFile(server, 'php.json', { kind: 'cli', binary, router: frontPhpFile('router.php') })];
    const pidFile = join(run, 'php/fpm.pid');
    const document = { kind: 'fpm', binary: fpm, conf: confOf(server), pidFile, log: join(serviceLogs, 'php-fpm.log') };
    return [
      frontFile(server, 'php.json', { ...document, asRoot: asRoot().length > 0 }),
      { path: confOf(server), text: masterConf(server, pidFile), group: 'root', mode: 0o600 },
    ];
  },
  siteFiles({ site, php: { readable, socket } }) {
    if (settingsOf(site.server).fpm === '') return [embeddedPool(site, [...readable, frontPhpFile('')])];
    const path = join(folderOf(site.server), `site-${site.handle}.conf`);
    const text = sitePool(site, { readable, socket }, false);
    return [{ path, text, group: 'root', mode: 0o600 }, embeddedPool(site, readable, socket)];
  },
  socket: ({ server, handle }) =>
    settingsOf(server).fpm === '' ? '' : join(serverPaths(server).run, 'php', `${handle}.sock`),
  drain: drainFront,
  commandLine: (server) => [settingsOf(server).binary],
};

const folderOf = (server: ServerContext): string => join(serverPaths(server).config, 'php');

const confOf = (server: ServerContext): string => join(folderOf(server), 'php-fpm.conf');

/** PHP-FPM refuses to run as root without a flag: a container may have no other user. */
const asRoot = (): string[] => (process.geteuid?.() === 0 ? ['-R'] : []);

/** FPM does not start without a pool, so an idle one lets it run before the first site and after the last. */
const masterConf = (server: ServerContext, pidFile: string): string => `; ${generatedNotice} nothing of this file.
[global]
pid = "${pidFile}"
error_log = "${join(serverPaths(server).serviceLogs, 'php-fpm.log')}"
daemonize = no
process_control_timeout = 10s
[aegir]
listen = "${join(serverPaths(server).run, 'php/aegir.sock')}"
listen.mode = 0600
pm = ondemand
pm.max_children = 1
security.limit_extensions = .none
request_terminate_timeout = 3s
include = "${join(folderOf(server), 'site-*.conf')}"
`;
