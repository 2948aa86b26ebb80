import { spawn } from 'node:child_process';
import { openInventory } from '../../src/db/inventory.ts';
import { tasksToRecover } from '../../src/db/task-recovery.ts';
import { findTask, isOpen, type TaskRow } from '../../src/db/tasks.ts';
import { queueTask, recoverLater } from '../../src/worker/queue.ts';
import { startWorker } from '../../src/worker/worker.ts';
import { type Call, type Watcher, watchCalls } from './calls.ts';
import type { Entry } from './entry.ts';
import { faults } from './faults.ts';
import type { Order } from './victim.ts';
import { NAMES, type World } from './world.ts';

/** Queues a task of an entry. */
export const queueEntry = (world: World, { type, object, args }: Entry): number =>
  queueTask(world.root.queue, { type, object, args: args?.(world) ?? {} });

/** Since a worker tries again by the clock what a full disk has put off; nobody wants to wait for it here. */
const TICK_MS = 500;

/** Runs an entry's task in this process, with a watcher. `mend` is done when it has ended or has been put off. */
export async function runWatched(
  world: World,
  entry: Entry,
  watcher: (id: number) => Watcher,
  mend?: () => Promise<void>,
): Promise<TaskRow | undefined> {
  const id = queueEntry(world, entry);
  // A connection of its own: what watches it must not watch the next run.
  const inventory = openInventory(world.stack.paths.inventory);
  const worker = startWorker(watchCalls({ ...world.root.deps, inventory }, watcher(id)), { tickMs: TICK_MS });
  let hasBegun = false;
  const isResting = (): boolean => {
    hasBegun ||= worker.running > 0;
    return hasBegun && worker.running === 0;
  };
  if (mend) await untilIdle(world, 120, isResting);
  await mend?.();
  await untilIdle(world, 120);
  await worker.drain();
  inventory.close();
  return findTask(world.root.inventory, id);
}

/** A first run, undisturbed: the calls that the task makes, in their order. */
export async function callsOf(world: World, entry: Entry): Promise<{ task: TaskRow | undefined; calls: Call[] }> {
  const calls: Call[] = [];
  const task = await runWatched(world, entry, () => ({ after: (call) => void calls.push(call) }));
  return { task, calls };
}

/** Runs a task with a fault at a call; then takes the fault away, and lets a worker finish what was left. */
export async function runFault(world: World, entry: Entry, name: string, at: Call): Promise<TaskRow | undefined> {
  const fault = faults[name];
  const mend = fault?.mend;
  const task = await runWatched(world, entry, (id) => fault?.watch(world, id, at) ?? {}, mend && (() => mend(world)));
  await recover(world);
  return task && findTask(world.root.inventory, task.id);
}

/** A process that waits to be a worker, and to be ended at a moment. */
export interface Victim {
  order(order: Order): Promise<{ signal: string; code: number; words: string }>;
  end(): void;
}

export function makeVictim({ stack }: World): Victim {
  const child = spawn(process.execPath, ['test/matrix/victim.ts', stack.root], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // Half of its time went into compiling the same code again.
    env: { ...process.env, NODE_COMPILE_CACHE: 'node_modules/.cache/matrix' },
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  const ended = new Promise<{ signal: string; code: number; words: string }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code: code ?? -1, signal: signal ?? '', words })),
  );
  child.stdin.on('error', () => {});
  return {
    async order(order) {
      child.stdin.end(`${JSON.stringify(order)}\n`);
      const limit = setTimeout(() => child.kill('SIGKILL'), order.signal === 'SIGTERM' ? 90_000 : 120_000);
      return ended.finally(() => clearTimeout(limit));
    },
    end: () => void child.kill('SIGKILL'),
  };
}

/** The names under which visitors are asked for patience. */
export async function waitingNames({ stack }: World): Promise<string[]> {
  const pages = await Promise.all(NAMES.map((name) => stack.fetch(`${name}:${stack.port}`, '/')));
  return NAMES.filter((_, place) => pages[place]?.status === 503);
}

/** The next start of a worker, that puts right what the last one has left; then one more try at what could not be finished. */
export async function recover(world: World): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    const worker = startWorker(world.root.deps, { tickMs: TICK_MS });
    await untilIdle(world, 120);
    await worker.drain();
    const stuck = world.root.inventory
      .prepare<[], number>('SELECT id FROM task WHERE unfinished IS NOT NULL')
      .pluck()
      .all();
    if (stuck.length === 0) return;
    for (const id of stuck) recoverLater(world.root.queue, id);
  }
}

/** Waits until no task is open and none waits to be finished, or until nothing has been going on for a while. */
async function untilIdle({ root }: World, seconds: number, isResting = (): boolean => false): Promise<void> {
  const until = Date.now() + seconds * 1000;
  // Rows are not read for it: that takes ten times as long.
  const open = root.inventory.prepare<[], number>(`SELECT EXISTS (SELECT 1 FROM task WHERE ${isOpen})`).pluck();
  const isBusy = (): boolean => open.get() === 1 || tasksToRecover(root.inventory).length > 0;
  for (let rest = 0; rest < 10 && isBusy() && Date.now() < until; rest = isResting() ? rest + 1 : 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
}
