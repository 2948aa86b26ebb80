// Plain JavaScript for Node 18 and newer: this runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
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
  // Without install scripts: better-sqlite3 brings its compiled files, and npm would compile it all the same.
  runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  // The one script that is needed fetches the Node of this machine's kind.
  runNpm(['rebuild', 'node', '--loglevel=error']);
  writeFileSync(stamp, lock);
}

function runNpm(words) {
  // `npm run` puts the pinned Node first, and it is just what is being replaced: npm must run on the machine's own.
  const path = process.env.PATH.split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const run = () => spawnSync('npm', words, { cwd: project, stdio: ['ignore', 2, 2], env });
  // A download that broke off is tried once more.
  if (run().status === 0 || run().status === 0) return;
  process.stderr.write(
    `aegir: PACKAGES_FAILED npm ${words[0]} did not succeed (see above). Check the network and try again.\n`,
  );
  process.exit(1);
}

/** Runs the pinned Node with `args` on this terminal and leaves with its exit code. */
export function runPinned(args, options = {}) {
  const result = spawnSync(pinnedNode, args, { stdio: 'inherit', ...options });
  if (result.signal) process.kill(process.pid, result.signal);
  return result.status ?? 1;
}
