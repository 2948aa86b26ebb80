import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** What a release of Debian is called, by its suite. */
export const suites = { bookworm: 'Debian 12', trixie: 'Debian 13' } as const;
export type Suite = keyof typeof suites;

/** Where the file systems of machines lie. */
export const machinesFolder = (): string => process.env.AEGIR_MACHINES || '/var/cache/aegir-machines';

/** What a bare machine has beside the smallest Debian: an init system, what README asks for and calls, and ps(1). */
const packages = ['systemd-sysv', 'dbus', 'ca-certificates', 'git', 'nodejs', 'npm', 'curl', 'procps'];

/**
 * The file system from which machines of a suite are copied; made by mmdebstrap(1) where there is none, which takes some
 * minutes. It reaches the network as this machine does: archive, proxy, certificates and npm's settings are carried in.
 */
export function baseOf(suite: Suite, say: (text: string) => void): string {
  const recipe = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 8);
  const base = join(machinesFolder(), `base-${suite}-${recipe}`);
  if (existsSync(base)) return base;
  mkdirSync(machinesFolder(), { recursive: true, mode: 0o700 });
  say(`making the base of ${suites[suite]} (once, some minutes)`);
  const making = mkdtempSync(join(machinesFolder(), `making-${process.pid}-${suite}-`));
  try {
    const sources = sourcesOf(suite);
    const words = ['--quiet', '--variant=minbase', `--include=${packages.join(',')}`, suite, making, ...sources];
    // What it mounts goes with its namespace, however it ends: nothing of ours is ever deleted through a mount.
    const made = spawnSync('unshare', ['--mount', '--kill-child', '--fork', '--', 'mmdebstrap', ...words], {
      encoding: 'utf8',
    });
    if (made.status !== 0)
      throw new Error(`mmdebstrap could not make ${suite} of ${sources.join(', ')}: ${made.stderr.slice(-2000)}`);
    carryIn(making);
    renameSync(making, base);
    return base;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** Lines of sources.list(5) for a suite, on the archives that this machine itself uses; none for mmdebstrap's own. */
function sourcesOf(suite: Suite): string[] {
  const all = archivesOf();
  const archive = all.find((uri) => /\/debian\/?$/.test(uri));
  if (!archive) return [];
  const security = all.find((uri) => /\/debian-security\/?$/.test(uri));
  return [
    `deb ${archive} ${suite} main`,
    `deb ${archive} ${suite}-updates main`,
    ...(security ? [`deb ${security} ${suite}-security main`] : []),
  ];
}

/** The addresses of all archives that apt reads here, in both of its formats. */
function archivesOf(): string[] {
  const folder = '/etc/apt/sources.list.d';
  const names = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const files = ['/etc/apt/sources.list', ...names].filter((file) => existsSync(file));
  return files
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => /^\s*(deb\s|URIs:)/.test(line))
    .flatMap((line) => line.match(/https?:\/\/[^\s\]]+/g) ?? []);
}

const PROXIES = /^(https?_proxy|ftp_proxy|all_proxy|no_proxy)$/i;
/** This machine as seen from one of ours (slirp4netns(1)); on 127.0.0.1 it would find itself. */
const OUTER = '10.0.2.2';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

const fromInside = (text: string): string => text.replace(/\b(127\.0\.0\.1|localhost)\b/g, OUTER);

/** Variables by which programs in a machine reach the network as those here do. */
export function outerVariables(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value = ''] of Object.entries(process.env)) if (PROXIES.test(name)) found[name] = fromInside(value);
  // Debian's Node reads the machine's own list of certificates, the pinned one does not.
  if (process.env.NODE_EXTRA_CA_CERTS) found.NODE_EXTRA_CA_CERTS = CERTIFICATES;
  return found;
}

function carryIn(root: string): void {
  for (const name of readdirSync('/etc/apt/apt.conf.d')) {
    const text = readFileSync(join('/etc/apt/apt.conf.d', name), 'utf8');
    // Not what keeps packages small or caches empty: a machine is as people have it.
    if (/^\s*Acquire/m.test(text)) writeFileSync(join(root, 'etc/apt/apt.conf.d', name), fromInside(text));
  }
  const certificates = '/usr/local/share/ca-certificates';
  if (existsSync(certificates)) cpSync(certificates, join(root, certificates), { recursive: true });
  const extra = process.env.NODE_EXTRA_CA_CERTS ?? '';
  if (existsSync(extra) && extra !== CERTIFICATES) copyFileSync(extra, join(root, certificates, 'outer.crt'));
  execFileSync('chroot', [root, 'update-ca-certificates'], { stdio: 'ignore' });
  carryNpm(root);
  const words = Object.entries(outerVariables()).map(([name, value]) => JSON.stringify(`${name}=${value}`));
  mkdirSync(join(root, 'etc/systemd/system.conf.d'), { recursive: true });
  writeFileSync(
    join(root, 'etc/systemd/system.conf.d/outer.conf'),
    `[Manager]\nDefaultEnvironment=${words.join(' ')}\n`,
  );
  // Each machine draws its own when it boots.
  writeFileSync(join(root, 'etc/machine-id'), '');
}

/** npm's settings of this machine, of all users and of root, as those of all users. */
function carryNpm(root: string): void {
  const own = ['globalconfig', 'userconfig'].map((name) =>
    execFileSync('npm', ['config', 'get', name], { encoding: 'utf8', cwd: '/' }).trim(),
  );
  const lines = own.filter((file) => existsSync(file)).flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  // How the network is reached, and nothing else: the rest is as Debian has it.
  const wanted = lines.filter((line) =>
    /^\s*(@[^:]+:)?(registry|proxy|https-proxy|noproxy|cafile|strict-ssl)\b|^\s*\/\//.test(line),
  );
  const text = wanted.map((line) => line.replace(/^(\s*cafile\s*=).*$/, `$1${CERTIFICATES}`)).join('\n');
  const clean = ['env', '-i', 'PATH=/usr/bin:/bin', 'HOME=/root'];
  const inside = execFileSync('chroot', [root, ...clean, 'npm', 'config', 'get', 'globalconfig'], { encoding: 'utf8' });
  writeFileSync(join(root, inside.trim()), `${fromInside(text)}\n`);
}
