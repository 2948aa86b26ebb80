import { afterEach, beforeEach, expect, it } from 'vitest';
import { listSteps } from '../../src/db/journal.ts';
import { findTask } from '../../src/db/tasks.ts';
import type { Host } from '../../src/provision/host/host.ts';
import type { Step } from '../../src/provision/tasks/model/task.ts';
import { makeExclusive } from '../../src/worker/locks.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { startWorker } from '../../src/worker/worker.ts';
import { watchCalls } from '../matrix/calls.ts';
import { ownProgram } from '../support/own-program.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

const program = ownProgram();
const verify = program.tasks.of('site.verify');
const original = { ...verify };
let small: SmallRoot;

beforeEach(() => {
  small = openSmallRoot();
  small.site('a.example.org');
});
afterEach(() => {
  Object.assign(verify, original);
  small.remove();
});

/** A step that records what was there and then acts, or only acts. */
const step = (name: string, saves: boolean): Step<unknown> => ({
  name,
  title: name,
  async run(_ctx, io) {
    if (saves) io.save({ name });
  },
  async undo() {},
});

/** Runs a task of these steps; what of it waited for the disk, as the calls of the crash matrix name it. */
async function durableOf(apply: Step<unknown>[], cleanUp: Step<unknown>[]): Promise<string[]> {
  Object.assign(verify, { validate: async () => {}, apply, commit: () => ({}), cleanUp });
  const { db, queue } = small;
  const id = queueTask(queue, { type: 'site.verify', object: 'a.example.org', args: {} });
  const durable: string[] = [];
  const deps = { inventory: db, paths: queue.paths, program, hostFor: () => ({}) as Host, exclusive: makeExclusive() };
  const worker = startWorker(
    watchCalls(
      { ...deps, retryDelaysMs: [] },
      {
        before({ key }) {
          // SQLite's PRAGMA synchronous: 2 is FULL.
          if (db.pragma('synchronous', { simple: true }) === 2) durable.push(key);
        },
      },
    ),
  );
  while (findTask(db, id)?.endedAt === null) await new Promise((resolve) => setTimeout(resolve, 5));
  await worker.drain();
  expect(findTask(db, id)).toMatchObject({ state: 'succeeded', committed: true });
  expect(new Set(listSteps(db, id).map(({ state }) => state))).toEqual(new Set(['done']));
  return durable.filter((key) => !key.startsWith('start/inventory.task#'));
}

it('waits for the disk for what a step records, its commit, and each clean-up, not for its beginning', async () => {
  const apply = [step('one', true), step('two', false), step('three', true)];
  expect(await durableOf(apply, [step('tidy', false), step('sweep', false)])).toEqual([
    'apply:one/inventory.step#1',
    'apply:three/inventory.step#1',
    'commit:record/inventory.transaction#2',
    'cleanUp:tidy/inventory.step#2',
    'cleanUp:sweep/inventory.transaction#1',
  ]);
});

it('ends with its commit where nothing follows from it', async () => {
  expect(await durableOf([], [])).toEqual(['commit:record/inventory.transaction#2']);
});
