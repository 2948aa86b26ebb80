// Installs what the tests with real services need, without starting or enabling any of it.
// Plain JavaScript for Node 18 and newer: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/**
 * Packages, grouped by the daemons that installing them would affect: a module of PHP is added to the configuration of
 * every installed PHP, and two database servers cannot be installed side by side.
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
  // Programs that fast tests use if they are installed.
  ...['bash', 'zsh', 'fish', 'tmux', 'screen', 'mosh', 'groff-base'],
];

/**
 * Installs missing packages. `ready` is false if the tests with real services cannot run, with the reason. Running
 * services are not affected: packages of a service whose daemon runs are not installed, no package is removed, and new
 * services are neither started nor enabled.
 */
export function prepareServices() {
  if (process.getuid?.() !== 0)
    return { ready: false, reason: 'they need root (to create Unix users) on Debian or Ubuntu.' };
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
    const reason = `${daemon} runs on this machine, and installing ${lacking.join(' ')} would change it. Install these packages yourself, or test on another machine.`;
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

/** The names of all running programs, except those in containers, which have their own process ids. */
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
 * Replacements, by name, for the programs with which packages start and enable their services; dpkg finds them first
 * (dpkg's PATH is `DPkg::Path` of apt.conf(5)). Timers belong to no service, and work as usual. No file is written that
 * would remain on the machine: a policy-rc.d of a killed run would prevent all services from starting.
 */
const helpers = {
  'deb-systemd-invoke': `verb=$1; shift
for unit; do case $unit in *.timer) /usr/bin/deb-systemd-invoke "$verb" "$unit" ;; esac; done`,
  // A unit that was not enabled is only recorded, like one that a package installs disabled.
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

/** Installs packages of the distribution without starting or enabling their services; true if they are installed. */
export function installPackages(names) {
  const folder = mkdtempSync(join(tmpdir(), 'aegtest-apt-'));
  for (const [name, script] of Object.entries(helpers))
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const path = `DPkg::Path=${folder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  // Ubuntu's needrestart(1) would restart services that use an updated library.
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
