import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database, { type Statement } from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { openInventory } from '../../src/db/inventory.ts';
import { findTask } from '../../src/db/tasks.ts';
import type { Host } from '../../src/provision/host/host.ts';
import type { Step } from '../../src/provision/tasks/model/task.ts';
import { makeExclusive } from '../../src/worker/locks.ts';
import { queueDue } from '../../src/worker/schedules.ts';
import { startWorker } from '../../src/worker/worker.ts';
import { type OpenStore, openStore, until } from '../support/open-store.ts';
import { ownProgram } from '../support/own-program.ts';

const { prepare } = Database.prototype;
const program = ownProgram();
const verify = program.tasks.of('site.verify');
const original = { ...verify };
afterEach(() => {
  Database.prototype.prepare = prepare;
  Object.assign(verify, original);
});

/** Notes every query from now on, of connections that are opened after this. */
function noteQueries(): ReadonlySet<string> {
  const asked = new Set<string>();
  Database.prototype.prepare = function (this: Database.Database, sql: string) {
    asked.add(sql);
    return prepare.call(this, sql);
  } as typeof prepare;
  return asked;
}

/** Tables of which a large server has very many rows, but for indexes of few of them. */
const large =
  /^SCAN (?!VIRTUAL|CONSTANT|sqlite_sequence|batch|client|platform|server|service|\()(?!.*VIRTUAL TABLE|.*task_unfinished)/;

/** Queries that read all of something, and may. */
const whole = [
  // The list of sites, once; then only those that have changed.
  /^SELECT uri\.name, platform\.name, client\.name, site\.state/,
  /^SELECT count\(\*\) FROM site$/,
  // The newest tasks, so many as a list has.
  /FROM task ORDER BY task\.id DESC LIMIT/,
  // The newest backups, so many as are asked for; and the page of them, once.
  /FROM backup ORDER BY id DESC LIMIT/,
  /FROM backup ORDER BY created_at DESC, id DESC$/,
  // How many wait: an index of those alone.
  /^SELECT count\(\*\) FROM task INDEXED BY task_open /,
  // After the clock was set.
  /^UPDATE schedule SET due_at = strftime\('%Y-%m-%dT%H:%M:%fZ', @at/,
];

function scansOf(db: Database.Database, sql: string): string[] {
  const names = [...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name, null]);
  const given = names.length > 0 ? [Object.fromEntries(names)] : Array((sql.match(/\?/g) ?? []).length).fill(null);
  const explain = prepare.call(db, `EXPLAIN QUERY PLAN ${sql}`) as Statement<unknown[], { detail: string }>;
  const plan = explain.all(...given);
  return plan.map(({ detail }) => detail).filter((detail) => large.test(detail) || detail.includes('AUTOMATIC'));
}

const pages = [
  ['1', 'enter', 'tab', 'tab', 'tab', 'tab', 'tab', 'esc'],
  ['2', 'enter', 'tab', 'tab', 'esc', 'm', 'enter', 'tab', 'esc'],
  ['3', 'enter', 'tab', 'tab', 'esc'],
  ['4', 'enter', 'esc', '5', 'enter', 'esc', '6', 'esc'],
  ['1', '/', 'f', 'o', 'enter', 'd', 'esc', 'C', 'enter', 'esc', 'ctrl-p', 's', 'esc'],
  [':', 's', 'i', 't', 'e', ' ', 'tab', 'esc', ':', 't', 'a', 's', 'k', ' ', 'tab', 'esc'],
  ['1', 'esc', 'a', 'v', 'right', 'enter', 'T', 'c', 'esc', 'ctrl-r', '4', 'ctrl-r'],
];

/** Tasks of three ends are run: one that is well, one that fails, and one whose clean-up fails. */
async function runTasks({ seeded: { db, paths }, store }: OpenStore): Promise<void> {
  let count = 0;
  const step = (name: string, fails: () => boolean): Step<unknown> => ({
    ...{ name, title: name },
    async run(_ctx, io) {
      io.save({});
      io.progress(1, 1, 'files');
      if (fails()) throw new Error('broken');
    },
    async undo() {},
  });
  Object.assign(verify, {
    ...{ validate: async () => {}, commit: () => ({}) },
    apply: [
      step('work', () => {
        count += 1;
        return count === 2;
      }),
    ],
    cleanUp: [step('tidy', () => count === 3)],
  });
  const ids = store.getState().lastQueued;
  const deps = {
    inventory: db,
    paths,
    program,
    hostFor: () => ({}) as Host,
    exclusive: makeExclusive(),
    retryDelaysMs: [],
  };
  const worker = startWorker(deps, { concurrency: 2, schedules: true });
  await until(() => ids.every((id) => findTask(db, id)?.endedAt));
  queueDue({ inventory: db, paths, program }, Date.now() + 3_600_000);
  await worker.drain();
}

describe('the inventory of a large server', () => {
  it('is never read whole by what the worker and the console ask all the time', async () => {
    const asked = noteQueries();
    const open = await openStore({}, 12);
    for (const keys of pages) open.press(...keys);
    expect(open.store.getState().lastQueued.length).toBeGreaterThan(3);
    await runTasks(open);
    open.press('1', 'enter', 'esc', '4', 'enter', 'R', 'esc', 'X');
    const asks = [...asked]
      .map((sql) => sql.replaceAll(/\s+/g, ' ').trim())
      .filter((sql) => /^(SELECT|UPDATE|DELETE|INSERT)/i.test(sql));
    expect(asks.length).toBeGreaterThan(80);
    const scanning = asks
      .filter((sql) => !whole.some((known) => known.test(sql)))
      .flatMap((sql) => scansOf(open.seeded.db, sql).map((scan) => `${scan}: ${sql}`));
    expect(scanning).toEqual([]);
  });

  it('has an index for each reference: a row goes without reading all that might refer to it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'aegir-plans-'));
    const db = openInventory(join(folder, 'inventory.sqlite'));
    const tables = db.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all();
    const without = tables.flatMap((table) =>
      (db.pragma(`foreign_key_list(${table})`) as { from: string }[]).flatMap(({ from }) =>
        scansOf(db, `SELECT 1 FROM ${table} WHERE ${from} = ?`).map((scan) => `${table}.${from}: ${scan}`),
      ),
    );
    db.close();
    rmSync(folder, { recursive: true, force: true });
    // Small: there are as many as servers and platforms.
    expect(without.filter((one) => !/^(platform|service)\./.test(one))).toEqual([]);
  });
});
