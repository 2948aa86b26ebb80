// Plain JavaScript for Node 18 and newer: this runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const project = dirname(dirname(fileURLToPath(import.meta.url)));
export const pinnedNode = join(project, 'node_modules/node/bin/node');
const stamp = join(project, 'node_modules/.installed-lock');

/** Installs the locked npm packages, unless the ones that are there came from this lock file. */
export function ensurePackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(project, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock && existsSync(pinnedNode)) return;
  process.stderr.write('aegir: installing npm packages (once) ...\n');
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const args = [...npm.slice(1), 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync(npm[0], args, { cwd: project, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    process.stderr.write(
      'aegir: PACKAGES_FAILED npm ci did not succeed (see above). Check the network and try again.\n',
    );
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

/** Runs the pinned Node with `args` on this terminal and leaves with its exit code. */
export function runPinned(args, options = {}) {
  const result = spawnSync(pinnedNode, args, { stdio: 'inherit', ...options });
  if (result.signal) process.kill(process.pid, result.signal);
  return result.status ?? 1;
}
