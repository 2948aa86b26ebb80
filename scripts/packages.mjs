// Plain JavaScript for Node 18 and newer: this runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const project = dirname(dirname(fileURLToPath(import.meta.url)));
export const pinnedNode = join(project, 'node_modules/node/bin/node');
const stamp = join(project, 'node_modules/.installed-lock');

/** Installs the locked npm packages, unless the installed ones are from this lock file. */
export function ensurePackages() {
  const lockFile = readFileSync(join(project, 'package-lock.json'));
  const lock = createHash('sha256').update(lockFile).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock && existsSync(pinnedNode)) return;
  process.stderr.write('aegir: installing npm packages (once) ...\n');
  // Without install scripts: better-sqlite3 contains its compiled files, but npm would compile them anyway.
  runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  // The only script that is needed fetches the Node binary for this machine.
  runNpm(['rebuild', 'node', '--loglevel=error']);
  addOmitted(JSON.parse(lockFile).packages);
  writeFileSync(stamp, lock);
}

/**
 * Adds optional packages for this machine that npm has omitted: they do not support the Node that npm runs on (18 on Debian 12),
 * but are used by the pinned one. Each is compared with the sum in the lock file.
 */
function addOmitted(locked) {
  for (const [path, { version, integrity, ...fact }] of Object.entries(locked)) {
    const folder = join(project, path);
    if (!fact.optional || !isForThisMachine(fact) || existsSync(folder)) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const packed = mkdtempSync(join(tmpdir(), 'aegir-package-'));
    try {
      runNpm(['pack', `${name}@${version}`, `--pack-destination=${packed}`, '--loglevel=error']);
      const file = join(packed, readdirSync(packed)[0]);
      const sum = createHash('sha512').update(readFileSync(file)).digest('base64');
      if (integrity !== `sha512-${sum}`) fail(`${name} ${version} is not the package of the lock file.`);
      mkdirSync(folder, { recursive: true });
      const unpacked = spawnSync('tar', ['-xzf', file, '--strip-components=1', '-C', folder], { stdio: 'inherit' });
      if (unpacked.status !== 0) {
        rmSync(folder, { recursive: true });
        fail(`${name} could not be unpacked (see above).`);
      }
    } finally {
      rmSync(packed, { recursive: true, force: true });
    }
  }
}

/** True for a package that names this system, processor and C library; those that name none are never omitted. */
function isForThisMachine({ os, cpu, libc }) {
  const ownLibc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
  return os?.includes(process.platform) && cpu?.includes(process.arch) && (!libc || libc.includes(ownLibc));
}

function runNpm(args) {
  // `npm run` puts the pinned Node first in the PATH, but it is being replaced: npm must run on the machine's own Node.
  const path = process.env.PATH.split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const run = () => spawnSync('npm', args, { cwd: project, stdio: ['ignore', 2, 2], env });
  // Runs a second time, since a download may have been interrupted.
  if (run().status === 0 || run().status === 0) return;
  fail(`npm ${args[0]} failed (see above). Check the network and try again.`);
}

function fail(why) {
  process.stderr.write(`aegir: PACKAGES_FAILED ${why}\n`);
  process.exit(1);
}

/** Runs the pinned Node with `args` on this terminal, and returns its exit status. */
export function runPinned(args, options = {}) {
  const result = spawnSync(pinnedNode, args, { stdio: 'inherit', ...options });
  if (result.signal) process.kill(process.pid, result.signal);
  return result.status ?? 1;
}
