// Install: a site by our task, compared with the same PHP installer alone. Needs root and the services of `npm test`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findSite } from '../src/db/sites.ts';
import { queueTask } from '../src/worker/queue.ts';
import { startWorker } from '../src/worker/worker.ts';
import { openStackRoot } from '../test/support/inventory.ts';
import { debianTree } from '../test/support/platforms.ts';
import { untilEnded } from '../test/support/run-task.ts';
import { socketOf, startStack } from '../test/support/stack.ts';
import { median, ms, printFigure, printHeadings } from './figures.ts';

const ROUNDS = 7;

if (process.getuid?.() !== 0) {
  process.stdout.write('install: skipped, it needs root (to create Unix users).\n');
  process.exit(0);
}
const stack = await startStack();
const root = openStackRoot(stack);
const worker = startWorker(root.deps);
const run = async (type: string, object: string, args: Record<string, unknown> = {}) => {
  const task = await untilEnded(root, queueTask(root.queue, { type, object, args }));
  if (task.state !== 'succeeded') throw new Error(`${type}: ${task.error?.message}`);
};
try {
  const tree = await debianTree(stack.root, 'wordpress');
  await run('platform.add', 'code', { from: `path:${tree}` });
  const ours: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const uri = `bench${round}.example.test`;
    const began = performance.now();
    await run('site.install', uri, { platform: 'code', title: 'Bench', adminMail: 'a@example.test' });
    ours.push(performance.now() - began);
    peer.push(installerAlone(findSite(root.inventory, uri)?.handle ?? '', uri));
    await run('site.delete', uri);
  }
  printHeadings();
  const more = median(ours) - median(peer);
  printFigure(
    'WordPress site by our task',
    ms(median(ours)),
    `${ms(median(peer))} (installer alone)`,
    (median(ours) / median(peer)).toFixed(2),
    `${ms(more)} more; ≤ 1000 ms more`,
  );
} finally {
  await worker.drain();
  root.inventory.close();
  await stack.stop();
}

/** Runs the same installer on an emptied database, as the site's user. Returns its duration in milliseconds. */
function installerAlone(handle: string, uri: string): number {
  const socket = socketOf(stack);
  const sql = `DROP DATABASE ${handle}r1; CREATE DATABASE ${handle}r1 CHARACTER SET utf8mb4;`;
  const emptied = spawnSync('mariadb', ['--socket', socket, '-e', sql]);
  if (emptied.status !== 0) throw new Error(String(emptied.stderr));
  const home = join(stack.paths.sites, handle);
  const input = JSON.stringify({
    root: findTree(),
    settings: join(home, 'releases/1/settings/wp-config.php'),
    url: `http://${uri}:${stack.port}`,
    title: 'Bench',
    admin: { name: 'admin', mail: 'a@example.test', password: 'a long password' },
    extensions: join(home, 'data/extensions'),
  });
  const program = join(stack.paths.programs, 'wordpress/install.php');
  const began = performance.now();
  const done = spawnSync(
    'setpriv',
    ['--reuid', handle, '--regid', handle, '--clear-groups', 'php', '-d', 'memory_limit=512M', program],
    { input, cwd: findTree() },
  );
  const took = performance.now() - began;
  if (!String(done.stdout).includes('"ok":true')) throw new Error(String(done.stdout));
  return took;
}

function findTree(): string {
  return root.inventory.prepare<[], string>(`SELECT root FROM platform WHERE name = 'code'`).pluck().get() ?? '';
}
