// Plain JavaScript for Node 18 and newer: this runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const project = dirname(dirname(fileURLToPath(import.meta.url)));
export const pinnedNode = join(project, 'node_modules/node/bin/node');
const stamp = join(project, 'node_modules/.installed-lock');

/** Installs the locked npm packages, unless the installed ones are from this lock file. */
export function ensurePackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(project, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock && existsSync(pinnedNode)) return;
  process.stderr.write('aegir: installing npm packages (once) ...\n');
  // Without install scripts: better-sqlite3 contains its compiled files, but npm would compile them anyway.
  runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  // The only script that is needed fetches the Node binary for this machine.
  runNpm(['rebuild', 'node', '--loglevel=error']);
  writeFileSync(stamp, lock);
}

function runNpm(args) {
  // `npm run` puts the pinned Node first in the PATH, but it is being replaced: npm must run on the machine's own Node.
  const path = process.env.PATH.split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const run = () => spawnSync('npm', args, { cwd: project, stdio: ['ignore', 2, 2], env });
  // Runs a second time, since a download may have been interrupted.
  if (run().status === 0 || run().status === 0) return;
  process.stderr.write(`aegir: PACKAGES_FAILED npm ${args[0]} failed (see above). Check the network and try again.\n`);
  process.exit(1);
}

/** Runs the pinned Node with `args` on this terminal, and returns its exit status. */
export function runPinned(args, options = {}) {
  const result = spawnSync(pinnedNode, args, { stdio: 'inherit', ...options });
  if (result.signal) process.kill(process.pid, result.signal);
  return result.status ?? 1;
}
