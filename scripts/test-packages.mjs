// What `npm test` installs for the tests on real services, without starting or enabling any of it.
// Plain JavaScript for Node 18 and newer: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/**
 * Packages by the daemons that they would change while those serve: a module of PHP is put into the configuration of all
 * PHP there is, and two databases do not stand side by side.
 */
const services = [
  { daemons: /^nginx$/, packages: ['nginx'] },
  { daemons: /^(mariadbd|mysqld)$/, packages: ['mariadb-server'] },
  {
    daemons: /^(php-fpm[0-9.]*|apache2)$/,
    packages: ['fpm', 'cli', 'mysql', 'gd', 'xml', 'mbstring', 'intl', 'curl', 'zip', 'sqlite3'].map(
      (name) => `php-${name}`,
    ),
  },
];
const tools = [
  ...['unzip', 'zip', 'bzip2', 'zstd', 'xz-utils', 'curl', 'ca-certificates', 'logrotate', 'util-linux', 'procps'],
  // Code from repositories and by Composer.
  ...['git', 'composer'],
  // What fast tests use where it is there.
  ...['bash', 'zsh', 'fish', 'tmux', 'screen', 'mosh', 'groff-base'],
];

/**
 * Installs what is missing. `ready` is false where the tests on real services cannot run, with the reason. What serves on
 * this machine is not touched: packages of a service whose daemon runs are not installed, none is removed, and what is new
 * is neither started nor enabled.
 */
export function prepareServices() {
  if (process.getuid?.() !== 0)
    return { ready: false, reason: 'they need root (they make Unix users) on Debian or Ubuntu.' };
  const system = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(system))
    return { ready: false, reason: 'they need Debian or Ubuntu, whose packages they install.' };
  const missing = missingOf([...services.flatMap(({ packages }) => packages), ...tools]);
  if (missing.length === 0) return { ready: true, reason: '' };
  const running = programsThatRun();
  for (const { daemons, packages } of services) {
    const lacking = packages.filter((name) => missing.includes(name));
    const [daemon] = lacking.length > 0 ? running.filter((name) => daemons.test(name)) : [];
    if (daemon === undefined) continue;
    const reason = `${daemon} serves on this machine, and ${lacking.join(' ')} would change it. Install that by hand, or test on another machine.`;
    return { ready: false, reason };
  }
  process.stdout.write(`installing for the server tests: ${missing.join(' ')}\n`);
  return installPackages(missing)
    ? { ready: true, reason: '' }
    : { ready: false, reason: `apt-get could not install ${missing.join(' ')} (see above).` };
}

function missingOf(wanted) {
  const known = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${Status}\n', ...wanted], { encoding: 'utf8' });
  const lines = known.stdout.split('\n').filter((line) => line.endsWith('install ok installed'));
  const installed = new Set(lines.map((line) => line.split(' ')[0]));
  return wanted.filter((name) => !installed.has(name));
}

/** The names of all programs that run, without those in containers, which have process ids of their own. */
function programsThatRun() {
  const mine = readlinkSync('/proc/self/ns/pid');
  const programs = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        if (readlinkSync(`/proc/${pid}/ns/pid`) !== mine) return '';
        return basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
      } catch {
        // It has ended, or is the kernel's own.
        return '';
      }
    });
  return [...new Set(programs)];
}

/**
 * What packages call to start and enable their services, by its name, so that another one is found before it (dpkg's PATH
 * is `DPkg::Path` of apt.conf(5)). Timers belong to no service and go their way. Nothing is written where a
 * machine would keep it: a policy-rc.d that a killed run leaves would keep all services from starting.
 */
const helpers = {
  'deb-systemd-invoke': `verb=$1; shift
for unit; do case $unit in *.timer) /usr/bin/deb-systemd-invoke "$verb" "$unit" ;; esac; done`,
  // A unit that was not enabled is only noted, as one that a package ships disabled.
  'deb-systemd-helper': `case "$*" in
  *was-enabled*.service) exit 1 ;;
esac
exec /usr/bin/deb-systemd-helper "$@"`,
  'update-rc.d': `name=$1; shift
[ "$1" != defaults ] || set -- defaults-disabled
exec /usr/sbin/update-rc.d "$name" "$@"`,
  'invoke-rc.d': '',
  service: '',
};

/** Installs packages of the distribution without starting or enabling what they bring; true when they are there. */
export function installPackages(names) {
  const folder = mkdtempSync(join(tmpdir(), 'aegtest-apt-'));
  for (const [name, words] of Object.entries(helpers))
    writeFileSync(join(folder, name), `#!/bin/sh\n${words}\n`, { mode: 0o755 });
  const path = `DPkg::Path=${folder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  // needrestart(1) of Ubuntu would restart what uses a library that came with it.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' };
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', '-o', path, ...args], { stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0;
  try {
    apt('update');
    return apt('install', '-y', '--no-install-recommends', '--no-remove', ...names);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
