// One look of the worker at many waiting tasks, compared with SQLite reading as many bare rows.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { insertBatch } from '../src/db/batches.ts';
import { type Inventory, openInventory, transact } from '../src/db/inventory.ts';
import { insertTask } from '../src/db/task-changes.ts';
import { rootPaths } from '../src/provision/model/paths.ts';
import type { Program } from '../src/provision/program.ts';
import { ringBell } from '../src/worker/bell.ts';
import { startWorker } from '../src/worker/worker.ts';
import { median, ms, printFigure } from './figures.ts';
import { programThatHangs } from './hanging-task.ts';
import { longestHold } from './longest-hold.ts';
import { seedSites } from './seed-sites.ts';
import { benchDeps } from './worker-deps.ts';

const LOOKS = 9;

/** Prints the cost of one look at `count` tasks that wait for a lock, and at as many tasks of one batch. */
export async function printLooks(count: number): Promise<void> {
  const program = programThatHangs('platform.verify', 'site.verify');
  const peer = readRows(count);
  const behind = await lookAt(program, count, (db) => {
    const whole = { type: 'platform.verify', objectKind: 'platform', objectName: 'code' } as const;
    insertTask(db, { ...whole, args: {}, secrets: {}, timeLimitS: 1000 });
    return undefined;
  });
  print(`one look, ${count} behind a lock`, behind, peer);
  const batch = await lookAt(program, count, (db) => {
    insertBatch(db, { id: 'all', atOnce: 1, stopOnFailure: true });
    return 'all';
  });
  print(`one look, a batch of ${count}`, batch, peer);
}

function print(what: string, took: number, peer: number): void {
  printFigure(what, ms(took), `${ms(peer)} (bare rows read)`, (took / peer).toFixed(2), '≤ 5 ms');
}

/**
 * How long one look blocks the process, in milliseconds, once the worker has read all tasks. `begin` queues the first
 * task, or returns the id of a batch.
 */
async function lookAt(program: Program, count: number, begin: (db: Inventory) => string | undefined): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'aegir-bench-'));
  seedSites(folder, count);
  const paths = rootPaths(folder);
  const inventory = openInventory(paths.inventory);
  const batch = begin(inventory);
  transact(inventory, () => {
    for (let number = 0; number < count; number += 1) {
      const objectName = `site-${String(number).padStart(6, '0')}.example.org`;
      const task = { type: 'site.verify', objectKind: 'site' as const, objectName, args: {}, secrets: {} };
      insertTask(inventory, { ...task, timeLimitS: 1000, ...(batch ? { batch } : {}) });
    }
  });
  const worker = startWorker(benchDeps(inventory, paths, program), { concurrency: 2, tickMs: 3_600_000 });
  while (worker.running === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 200 + count / 5));
  const looks: number[] = [];
  for (let number = 0; number < LOOKS; number += 1) looks.push(await longestHold(() => ringBell(paths.bell), 60));
  await worker.stop();
  inventory.close();
  rmSync(folder, { recursive: true, force: true });
  return median(looks);
}

function readRows(count: number): number {
  const db = new Database(':memory:');
  db.exec('CREATE TABLE waiting (id INTEGER PRIMARY KEY, type TEXT, object TEXT) STRICT');
  const insert = db.prepare('INSERT INTO waiting (type, object) VALUES (?, ?)');
  for (let number = 0; number < count; number += 1) insert.run('site.verify', `site-${number}.example.org`);
  const select = db.prepare('SELECT id, type, object FROM waiting ORDER BY id');
  const took = Array.from({ length: LOOKS }, () => {
    const began = performance.now();
    select.all();
    return performance.now() - began;
  });
  db.close();
  return median(took);
}
