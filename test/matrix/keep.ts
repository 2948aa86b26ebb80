// Keeps an inventory for each type of task that was interrupted before its commit, and after it where something follows:
//   node test/matrix/keep.ts        writes test/worker/kept/inventories.json.gz
// test/worker/kept/kept.real.test.ts lets the worker of today take them up. Made anew only to add what there was not.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Inventory } from '../../src/db/inventory.ts';
import { openTasks } from '../../src/db/tasks.ts';
import { phpBranch } from '../support/stack.ts';
import type { Call } from './calls.ts';
import { entries } from './entries.ts';
import type { Entry } from './entry.ts';
import { isAct } from './faults.ts';
import { callsOf, makeVictim, queueEntry, recover } from './run.ts';
import { codes, openWorld, type World } from './world.ts';

/** An inventory with one task that was interrupted, its root, port and PHP written as `{ROOT}`, `{PORT}`, `{PHP}`. */
export interface KeptInventory {
  type: string;
  /** The act before which the worker was killed. */
  before: string;
  version: number;
  /** What makes its tables, and their rows. */
  schema: string[];
  rows: Record<string, Record<string, unknown>[]>;
}

const folder = join(import.meta.dirname, '../worker/kept');
const [code] = codes;
if (!code) throw new Error('there is no code to try');
const kept: KeptInventory[] = [];
const world = await openWorld(code);
try {
  const types = [...new Set(entries.map(({ type }) => type))];
  for (const type of types) {
    const entry = entries.find((one) => one.type === type);
    if (entry) kept.push(...(await keepEntry(world, entry)));
    process.stdout.write(`${type}: ${kept.filter((one) => one.type === type).map((one) => one.before)}\n`);
  }
} finally {
  await world.close();
}
const branch = phpBranch().replace('.', '\\.');
// As a part of a path, or by itself in a document within the document.
const php = new RegExp(`(?<=/php|php-fpm|\\\\*")${branch}(?=\\\\*")`, 'g');
const text = JSON.stringify(kept)
  .replaceAll(world.stack.root, '{ROOT}')
  .replaceAll(`:${world.stack.port}`, ':{PORT}')
  .replaceAll(php, '{PHP}');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'inventories.json.gz'), gzipSync(text, { level: 9 }));

async function keepEntry(world: World, entry: Entry): Promise<KeptInventory[]> {
  await entry.prepare?.(world);
  const { calls } = await callsOf(world, entry);
  await entry.back?.(world);
  const found: KeptInventory[] = [];
  for (const call of momentsOf(calls)) {
    const victim = makeVictim(world);
    queueEntry(world, entry);
    const { signal } = await victim.order({ when: 'before', key: call.key, ms: 0, signal: 'SIGKILL' });
    const [task] = openTasks(world.root.inventory);
    if (signal === 'SIGKILL' && task?.type === entry.type)
      found.push({ type: entry.type, before: call.key, ...dump(world.root.inventory) });
    await recover(world);
    if (task?.committed) await entry.back?.(world);
  }
  await entry.end?.(world);
  return found;
}

/** The last act that is still undone, and the first that follows from the commit. */
function momentsOf(calls: Call[]): Call[] {
  const apply = calls.findLast((call) => isAct(call) && call.step.startsWith('apply:'));
  const cleanUp = calls.find((call) => isAct(call) && call.step.startsWith('cleanUp:'));
  const moments = [apply, cleanUp].filter((call) => call !== undefined);
  return moments.length > 0 ? moments : calls.slice(-1);
}

function dump(db: Inventory): Pick<KeptInventory, 'version' | 'schema' | 'rows'> {
  const made = db.prepare<[], { type: string; name: string; sql: string }>(
    "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
  );
  const all = made.all();
  const tables = all.filter(({ type }) => type === 'table').map(({ name }) => name);
  // What others have done, and what is found out again, would only make it large.
  const left: Record<string, string | undefined> = {
    task: 'id',
    step: 'task_id',
    audit: undefined,
    package: undefined,
  };
  const [open] = openTasks(db).map(({ id }) => id);
  const rowsOf = (name: string) => {
    const all = db.prepare<[], Record<string, unknown>>(`SELECT * FROM "${name}"`).all();
    return name in left ? all.filter((row) => left[name] !== undefined && row[left[name]] === open) : all.map(alone);
  };
  // Its task is not kept.
  const alone = (row: Record<string, unknown>) =>
    'task_id' in row && row.task_id !== open ? { ...row, task_id: null } : row;
  return {
    version: Number(db.pragma('user_version', { simple: true })),
    schema: all.map(({ sql }) => sql),
    rows: Object.fromEntries(tables.map((name) => [name, rowsOf(name)])),
  };
}
