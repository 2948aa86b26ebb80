// `npm start -- ARGUMENTS`: installs packages, builds if a source has changed, and runs the program.
import { spawn, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensurePackages, pinnedNode, project } from './packages.mjs';

ensurePackages();
const built = spawnSync(pinnedNode, [join(project, 'scripts/build.mjs')], { stdio: ['ignore', 2, 2] });
if (built.status !== 0) process.exit(1);

// The program owns the terminal and handles ctrl-c and a hangup; this launcher only waits.
const program = realpathSync(join(project, 'dist/aegir.js'));
const child = spawn(join(dirname(program), 'bin/node'), [program, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGQUIT', 'SIGHUP']) process.on(signal, () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  if (!signal) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
