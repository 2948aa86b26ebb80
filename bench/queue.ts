// Queue: time from queueing to start, no-op tasks per second compared with bare SQLite commits, cost of many tasks.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openInventory } from '../src/db/inventory.ts';
import { saveServer } from '../src/db/servers.ts';
import { rootPaths } from '../src/provision/model/paths.ts';
import { makeProgram } from '../src/provision/program.ts';
import { standardParts } from '../src/provision/standard.ts';
import { queueTask } from '../src/worker/queue.ts';
import { startWorker } from '../src/worker/worker.ts';
import { median, ms, printFigure, printHeadings, quantile } from './figures.ts';
import { printLooks } from './queue-look.ts';
import { printMarked } from './queue-marked.ts';
import { benchDeps } from './worker-deps.ts';

const SAMPLES = 200;
const THROUGHPUT = 200;
const ROUNDS = 9;

const folder = mkdtempSync(join(tmpdir(), 'aegir-bench-'));
const paths = rootPaths(folder);
const inventory = openInventory(paths.inventory);
for (let number = 0; number < THROUGHPUT; number += 1) {
  saveServer(inventory, {
    name: `s${number}`,
    handlePrefix: 'aeg',
    uidBase: 20_000,
    webUser: 'www-data',
    services: [],
  });
}
// A task that does nothing: a real type without its work, so that only the queue is measured.
const nothing = { validate: async () => {}, apply: [], commit: () => ({}), cleanUp: [] };
const program = makeProgram({
  ...standardParts,
  tasks: standardParts.tasks.map((task) => (task.type === 'server.verify' ? { ...task, ...nothing } : task)),
});
const worker = startWorker(benchDeps(inventory, paths, program));
const queue = {
  inventory,
  paths,
  program,
  actor: { actor: 'bench', sudoUser: null, sshClient: null },
  readOnly: false,
};
/** Counted with an index, so that this frequent query does not distort the measurement. */
const ended = inventory
  .prepare<[], number>(
    `SELECT (SELECT max(id) FROM task) - count(*) FROM task WHERE state IN ('queued', 'running', 'interrupted')`,
  )
  .pluck();
const latencies = inventory.prepare<[number], { queued: string; started: string }>(
  'SELECT queued_at AS queued, started_at AS started FROM task WHERE id > ?',
);

try {
  printHeadings();
  await untilEnded(await queueHere(20));
  const own = await measure(() => queueHere(SAMPLES));
  printFigure('queueing to start, same process: p50', ms(quantile(own, 0.5)), '', '', '');
  printFigure(
    'queueing to start, same process: p99',
    ms(quantile(own, 0.99)),
    '100 ms',
    (quantile(own, 0.99) / 100).toFixed(2),
    '≤ 100 ms',
  );
  const other = await measure(() => queueElsewhere(SAMPLES));
  printFigure('queueing to start, other process: p50', ms(quantile(other, 0.5)), '', '', '');
  printFigure(
    'queueing to start, other process: p99',
    ms(quantile(other, 0.99)),
    '100 ms',
    (quantile(other, 0.99) / 100).toFixed(2),
    '≤ 100 ms',
  );
  // Alternating, since the speed of a disk varies.
  const bare = bareCommits();
  const rounds: { tasks: number; commits: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push({ tasks: await throughput(), commits: bare.rate() });
  bare.close();
  printFigure(
    'no-op tasks per second',
    `${Math.round(median(rounds.map(({ tasks }) => tasks)))}/s`,
    `${Math.round(median(rounds.map(({ commits }) => commits)))} commits/s`,
    median(rounds.map(({ tasks, commits }) => tasks / commits)).toFixed(3),
    '≥ 0.15',
  );
} finally {
  await worker.drain();
  inventory.close();
  rmSync(folder, { recursive: true, force: true });
}
for (const count of [1000, 10_000]) {
  await printLooks(count);
  await printMarked(count);
}

async function measure(run: () => Promise<number>): Promise<number[]> {
  const before = inventory.prepare<[], number>('SELECT coalesce(max(id), 0) FROM task').pluck().get() ?? 0;
  await untilEnded(await run());
  return latencies.all(before).map(({ queued, started }) => Date.parse(started) - Date.parse(queued));
}

/** Queues tasks one by one, each when the previous one has ended. Returns how many have ended then. */
async function queueHere(count: number): Promise<number> {
  for (let number = 0; number < count; number += 1) {
    const before = ended.get() ?? 0;
    queueTask(queue, { type: 'server.verify', object: `s${number}`, args: {} });
    await untilEnded(before + 1);
  }
  return ended.get() ?? 0;
}

function queueElsewhere(count: number): Promise<number> {
  const before = ended.get() ?? 0;
  const child = spawn(process.execPath, ['bench/queue-elsewhere.ts', folder, String(count)], { stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', () => resolve(before + count)));
}

async function throughput(): Promise<number> {
  const before = ended.get() ?? 0;
  for (let number = 0; number < THROUGHPUT; number += 1)
    queueTask(queue, { type: 'server.verify', object: `s${number}`, args: {} });
  const began = performance.now();
  await untilEnded(before + THROUGHPUT);
  return THROUGHPUT / ((performance.now() - began) / 1000);
}

/** Measures commits of one small row each per second, with the same durability. */
function bareCommits(): { rate(): number; close(): void } {
  const db = new Database(join(folder, 'bare.sqlite'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT) STRICT');
  const insert = db.prepare('INSERT INTO note (text) VALUES (?)');
  return {
    rate() {
      const began = performance.now();
      for (let number = 0; number < THROUGHPUT; number += 1) insert.run('a row about as long as one of the journal');
      return THROUGHPUT / ((performance.now() - began) / 1000);
    },
    close: () => db.close(),
  };
}

async function untilEnded(count: number): Promise<void> {
  while ((ended.get() ?? 0) < count) await new Promise((resolve) => setTimeout(resolve, 1));
}
