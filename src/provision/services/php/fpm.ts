import { join } from 'node:path';
import { z } from 'zod';
import { type ServerContext, serverPaths, serviceOf, type SiteContext, sitePaths } from '../../context.ts';
import { AegirError } from '../../errors.ts';
import { generatedNotice } from '../../generated-file.ts';
import { lastWords } from '../../host/exec.ts';
import type { PhpDriver } from '../service.ts';
import { pidState } from '../state.ts';

const settings = z.object({
  binary: z.string(),
  conf: z.string(),
  pidFile: z.string(),
  unit: z.string(),
  /** PHP for the command line. */
  commandLine: z.string(),
  /** '8.2': the folder of its configuration. */
  branch: z.string(),
});

const settingsOf = (server: ServerContext) => settings.parse(serviceOf(server, 'php').settings);

/** PHP-FPM, with a pool a site that runs as the site's user. */
export const fpm: PhpDriver = {
  name: 'fpm',
  async detect(host) {
    const branches = (await host.list('/etc/php')).filter((name) => /^\d+\.\d+$/.test(name)).sort(byVersion).reverse();
    for (const branch of branches) {
      const binary = `/usr/sbin/php-fpm${branch}`;
      const asked = await host.ask({ file: binary, args: ['-v'], timeoutMs: 10_000 });
      if (asked.code !== 0) continue;
      const version = /^PHP (\d+\.\d+\.\d+)/.exec(asked.stdout)?.[1] ?? branch;
      // Debian's and Ubuntu's packaged defaults.
      const found = {
        binary,
        conf: `/etc/php/${branch}/fpm/php-fpm.conf`,
        pidFile: `/run/php/php${branch}-fpm.pid`,
        unit: `php${branch}-fpm.service`,
        commandLine: `/usr/bin/php${branch}`,
        branch,
      };
      return { kind: 'php', driver: 'fpm', version, settings: found };
    }
    return undefined;
  },
  state: async (host, server) => pidState(host, settingsOf(server).binary, fpm.process(server)),
  async test(host, server) {
    const { binary, conf } = settingsOf(server);
    const asked = await host.ask({ file: binary, args: ['-t', '--fpm-config', conf], timeoutMs: 60_000 });
    if (asked.code === 0) return;
    throw new AegirError(
      'CONFIG_REFUSED',
      `PHP-FPM refuses the configuration: ${lastWords(asked)}`,
      `Mend the file that it names, then test with: ${binary} -t --fpm-config ${conf}`,
    );
  },
  process(server) {
    const { binary, conf, pidFile, unit } = settingsOf(server);
    const start = [binary, '--daemonize', '--fpm-config', conf];
    return { unit, pidFile, start, reloadSignal: 'SIGUSR2', stopSignal: 'SIGQUIT', foreground: false };
  },
  async generation(host, server) {
    // The master replaces itself under the same process id and writes its pid file once its sockets are open.
    const fact = await host.stat(settingsOf(server).pidFile);
    return fact ? [String(fact.modifiedMs)] : [];
  },
  serverFiles(server) {
    const path = join(poolFolder(server), 'aegir.conf');
    return [{ path, text: keepAlivePool(server), group: 'root', mode: 0o644 }];
  },
  siteFiles(site, _web, readable) {
    const path = join(poolFolder(site.server), `site-${site.handle}.conf`);
    return [{ path, text: sitePool(site, readable), group: 'root', mode: 0o644 }];
  },
  commandLine: (server) => settingsOf(server).commandLine,
};

const poolFolder = (server: ServerContext): string => join(serverPaths(server).config, 'php', settingsOf(server).branch);

/** FPM does not start without a pool; this one costs nothing and lets it run before the first site. */
const keepAlivePool = (server: ServerContext): string => `; ${generatedNotice} files of your own beside the include line.
[global]
; A reload lets running requests end.
process_control_timeout = 20s
[aegir]
user = nobody
group = nogroup
listen = ${join(serverPaths(server).run, 'php/aegir.sock')}
listen.owner = ${server.webUser}
listen.group = ${server.webUser}
listen.mode = 0600
pm = ondemand
pm.max_children = 1
ping.path = /aegir-ping
security.limit_extensions = .none
`;

function sitePool(site: SiteContext, readable: string[]): string {
  const paths = sitePaths(site);
  const { memoryMb, uploadMb, children, timeS } = site.php;
  const reach = [site.platform.root, paths.home, ...readable].map((path) => `${path}/`);
  const values: Record<string, string> = {
    open_basedir: reach.join(':'),
    sys_temp_dir: paths.tmp,
    upload_tmp_dir: paths.tmp,
    'session.save_path': paths.tmp,
    error_log: join(paths.tmp, 'php-error.log'),
    log_errors: 'on',
    display_errors: 'off',
    expose_php: 'off',
    allow_url_include: 'off',
    'cgi.fix_pathinfo': '0',
    memory_limit: `${memoryMb}M`,
    upload_max_filesize: `${uploadMb}M`,
    post_max_size: `${uploadMb}M`,
    max_execution_time: String(timeS),
    'session.use_strict_mode': '1',
    'session.cookie_httponly': '1',
  };
  return `; ${generatedNotice} ${join(paths.local, 'local.pool.conf')}
[${site.handle}]
user = ${site.handle}
group = ${site.handle}
listen = ${paths.socket}
listen.owner = ${site.server.webUser}
listen.group = ${site.server.webUser}
listen.mode = 0600
pm = ondemand
pm.max_children = ${children}
pm.process_idle_timeout = 30s
pm.max_requests = 1000
; PHP's own limit comes first; this one ends what does not heed it.
request_terminate_timeout = ${timeS + 5}s
catch_workers_output = no
clear_env = yes
chdir = ${join(site.platform.root, site.platform.docroot)}
security.limit_extensions = .php
env[HOME] = ${paths.home}
env[TMPDIR] = ${paths.tmp}
env[PATH] = /usr/local/bin:/usr/bin:/bin
${Object.entries(values)
  .map(([name, value]) => `php_admin_value[${name}] = ${iniValue(value)}`)
  .join('\n')}
include = ${join(paths.local, 'local.pool*.conf')}
`;
}

/** A value in an FPM file: in quotes, so that no character of a path has a meaning. */
function iniValue(value: string): string {
  if (/["\u0000-\u001f$\\]/.test(value)) {
    throw new AegirError('CONFIG_VALUE', `"${value}" cannot stand in PHP's configuration`, 'Leave out quotes and dollar signs.');
  }
  return `"${value}"`;
}

const byVersion = (one: string, other: string): number => {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major - otherMajor || minor - otherMinor;
};
