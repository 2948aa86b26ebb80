import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Inventory, openInventory } from '../../../src/db/inventory.ts';
import { listSteps } from '../../../src/db/journal.ts';
import { findTask, openTasks } from '../../../src/db/tasks.ts';
import { planHost } from '../../../src/provision/host/makers/plan.ts';
import { standardProgram } from '../../../src/provision/standard.ts';
import { localDeps } from '../../../src/worker/local-deps.ts';
import { startWorker } from '../../../src/worker/worker.ts';
import type { KeptInventory } from '../../matrix/keep.ts';
import { phpBranch, type Stack, startStack } from '../../support/stack.ts';

// What is stored is a contract: types of tasks, names of steps, what they have saved, contexts, arguments. Inventories in
// which a worker was killed in the middle of a task are kept here (test/matrix/keep.ts makes them); whatever becomes of
// the code, its worker must put them in order.
const file = join(import.meta.dirname, 'inventories.json.gz');
let stack: Stack;
let db: Inventory | undefined;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());
afterEach(() => {
  db?.close();
  for (const name of ['', '-wal', '-shm']) rmSync(`${stack.paths.inventory}${name}`, { force: true });
});

const kept = (JSON.parse(gunzipSync(readFileSync(file)).toString()) as KeptInventory[]).map(
  (one) => [`${one.type}, killed before ${one.before}`, one] as const,
);

describe('an inventory that was kept', () => {
  it('is there for each type of task', () => {
    const types = new Set(kept.map(([, { type }]) => type));
    // Types that came later are not in it: they have nothing to keep yet.
    expect([...types].filter((type) => !standardProgram.tasks.list.some((task) => task.type === type))).toEqual([]);
    expect(types.size).toBeGreaterThanOrEqual(28);
  });

  it.each(kept)('is taken up: %s', async (_title, one) => {
    const { paths } = stack;
    load(paths.inventory, one);
    db = openInventory(paths.inventory);
    const [task] = openTasks(db);
    if (!task) throw new Error('no task was interrupted');
    const before = listSteps(db, task.id);
    const acts: string[] = [];
    const real = localDeps({ inventory: db, paths, program: standardProgram });
    const worker = startWorker({
      ...real,
      retryDelaysMs: [],
      // Its services run here, its sites do not: what would be done is recorded.
      hostFor(server, mark, folders) {
        const host = planHost(real.hostFor(server, mark, folders));
        const { act } = host;
        return {
          ...host,
          act(verb, args, live) {
            acts.push(verb);
            return act(verb, args, live);
          },
        };
      },
    });
    await expect.poll(() => findTask(db as Inventory, task.id)?.state).not.toBe('running');
    await worker.drain();
    const now = findTask(db, task.id);
    expect(now).toMatchObject({ unfinished: null });
    expect(now?.state).toMatch(task.committed ? /^(succeeded|warning)$/ : /^failed$/);
    if (!task.committed) expect(now?.error).toMatchObject({ code: 'INTERRUPTED' });
    // Every step is still known by its name, and those that had begun are undone.
    const after = listSteps(db, task.id);
    expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
    if (!task.committed)
      expect(
        after.filter((step) => step.saved !== undefined && step.state !== 'undone').map(({ name }) => name),
      ).toEqual([]);
    expect(after.filter(({ state }) => state === 'running')).toEqual([]);
  });
});

/** Makes the inventory as it was, by the schema of its time. */
function load(path: string, { version, schema, rows }: KeptInventory): void {
  const old = new Database(path);
  const isTable = (sql: string): boolean => /^CREATE TABLE/i.test(sql);
  for (const sql of schema.filter(isTable)) old.exec(sql);
  for (const [table, all] of Object.entries(rows))
    for (const row of all) {
      const columns = Object.keys(row);
      const names = columns.map((name) => `"${name}"`).join(', ');
      old
        .prepare(`INSERT INTO "${table}" (${names}) VALUES (${columns.map(() => '?').join(', ')})`)
        .run(...columns.map((name) => placed(row[name])));
    }
  for (const sql of schema.filter((one) => !isTable(one))) old.exec(sql);
  old.pragma(`user_version = ${version}`);
  old.close();
}

const placed = (value: unknown): unknown =>
  typeof value === 'string'
    ? value.replaceAll('{ROOT}', stack.root).replaceAll('{PORT}', String(stack.port)).replaceAll('{PHP}', phpBranch())
    : value;
