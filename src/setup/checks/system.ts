import { hostname } from 'node:os';
import { MAX_SITES } from '../../provision/host/policy.ts';
import type { Check } from '../check.ts';
import { osRelease } from '../target.ts';

/** The distribution, from os-release(5). */
export const supportedSystem: Check = {
  id: 'system',
  title: 'Operating system',
  stops: true,
  async check({ host, target }) {
    const { id, version, name: pretty } = await osRelease(target, host);
    const answer = target.family.supports(id, version);
    if (answer === true) return undefined;
    const name = pretty || 'an unknown system';
    if (answer === false) {
      return { code: 'SYSTEM_UNSUPPORTED', message: `${name} is not supported`, hint: `Use ${target.family.name}.` };
    }
    return { code: 'SYSTEM_UNTRIED', message: answer, hint: 'It may work; tell us how it went.', warning: true };
  },
};

/** Setup changes packages, users and services. */
export const runsAsRoot: Check = {
  id: 'root',
  title: 'Runs as root',
  stops: true,
  async check() {
    if (process.getuid?.() === 0) return undefined;
    return { code: 'NOT_ROOT', message: 'this needs the rights of root', hint: 'Run it with sudo, or as root.' };
  },
};

const PACKAGE_STATE = 'install ok installed';

/** The packages of services and tools are installed. */
export const packages: Check = {
  id: 'packages',
  title: 'Packages',
  async check({ host, target }) {
    const asked = await host.ask({
      file: 'dpkg-query',
      args: ['-W', '-f', '${Package}\t${Status}\n', ...target.family.packages],
      timeoutMs: 30_000,
    });
    const installed = new Set(
      asked.stdout
        .split('\n')
        .filter((line) => line.endsWith(PACKAGE_STATE))
        .map((line) => line.split('\t')[0]),
    );
    const missing = target.family.packages.filter((name) => !installed.has(name));
    if (missing.length === 0) return undefined;
    return {
      code: 'PACKAGES_MISSING',
      message: `not installed: ${missing.join(', ')}`,
      hint: `apt-get install ${missing.join(' ')}`,
    };
  },
  async fix({ host, target }) {
    await host.act('package.install', { packages: target.family.packages });
  },
};

/**
 * No site shares its user id with another user, who would own the site's files. Other users may have ids in the range
 * of sites, since new sites skip those.
 */
export const userIds: Check = {
  id: 'users',
  title: 'User ids for sites',
  async check({ host, server }) {
    const rows = ((await host.readText('/etc/passwd')) ?? '').split('\n').map((line) => line.split(':'));
    const isSites = (name: string): boolean => new RegExp(`^${server.handlePrefix}\\d+$`).test(name);
    const shared = rows.flatMap(([name = '', , uid]) => {
      const site = rows.find(([other = '', , its]) => its === uid && isSites(other))?.[0];
      return site && !isSites(name) && inRange(Number(uid), server.uidBase)
        ? [`${name} has the id of ${site}, ${uid}`]
        : [];
    });
    if (shared.length === 0) return undefined;
    return {
      code: 'UIDS_TAKEN',
      message: `users share the id of a site, and with it its files and processes: ${shared.join('; ')}`,
      hint: 'Give those users other ids: usermod -u ID NAME',
      warning: true,
    };
  },
};

const MIN_DISK = 2 * 1024 ** 3;
const MIN_MEMORY_KB = 900 * 1024;

/** There is enough space for a few sites. */
export const room: Check = {
  id: 'room',
  title: 'Disk and memory',
  async check({ host, target }) {
    const { bytes } = await host.space(target.paths.root);
    const memory = Number(/^MemTotal:\s+(\d+)/m.exec((await host.readText('/proc/meminfo')) ?? '')?.[1] ?? 0);
    const small = [
      ...(bytes < MIN_DISK ? [`${Math.round(bytes / 1e9)} GB of disk are free`] : []),
      ...(memory < MIN_MEMORY_KB ? [`${Math.round(memory / 1024)} MB of memory`] : []),
    ];
    if (small.length === 0) return undefined;
    return {
      code: 'MACHINE_SMALL',
      message: small.join(', '),
      hint: '2 GB of free disk and 1 GB of memory are enough for a few sites.',
      warning: true,
    };
  },
};

/** The machine has a name, for the console and for mail. */
export const machineName: Check = {
  id: 'name',
  title: 'Name of the machine',
  async check() {
    if (hostname() && hostname() !== 'localhost') return undefined;
    return {
      code: 'NO_HOSTNAME',
      message: 'the machine has no name of its own',
      hint: 'hostnamectl set-hostname web1.example.org',
      warning: true,
    };
  },
};

const inRange = (uid: number, base: number): boolean => uid > base && uid <= base + MAX_SITES;
