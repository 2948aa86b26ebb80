import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { installPackages } from '../../scripts/test-packages.mjs';

/** What containers are made of, and the package that each program comes with on Debian and Ubuntu. */
const tools = {
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
  slirp4netns: 'slirp4netns',
  nsenter: 'util-linux',
};
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** CAP_SYS_ADMIN (capability.h): to mount and to enter namespaces. */
const SYS_ADMIN = 1n << 21n;

/**
 * Why containers cannot run here; undefined where they can. Programs that are missing are installed where root of a
 * Debian or Ubuntu asks.
 */
export function whyNoMachines(): string | undefined {
  if (process.platform !== 'linux') return `containers of systemd-nspawn need Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'they need root';
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  if ((BigInt(`0x${capabilities}`) & SYS_ADMIN) === 0n)
    return 'root may not mount here (no CAP_SYS_ADMIN): this is a container without that right';
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun, which their network needs';
  const mounting = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { encoding: 'utf8' });
  if (mounting.status !== 0)
    return `nothing can be mounted here: ${mounting.stderr?.trim() || mounting.error?.message}`;
  const missing = missingPackages();
  if (missing.length > 0 && existsSync('/usr/bin/apt-get')) installPackages(missing);
  const still = missingPackages();
  return still.length > 0 ? `these packages are missing and cannot be had: ${still.join(', ')}` : undefined;
}

function missingPackages(): string[] {
  const missing = Object.entries(tools)
    .filter(([program]) => spawnSync('sh', ['-c', 'command -v -- "$1"', 'sh', program]).status !== 0)
    .map(([, from]) => from);
  return existsSync(KEYS) ? missing : [...missing, 'debian-archive-keyring'];
}
