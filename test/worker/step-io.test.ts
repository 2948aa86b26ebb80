import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findTask } from '../../src/db/tasks.ts';
import { makeStepIo } from '../../src/worker/step-io.ts';
import type { WorkerDeps } from '../../src/worker/task-run.ts';
import { seedInventory } from '../support/seed-inventory.ts';

it('progress is stored a few times a second, also where its total is not known', () => {
  const root = mkdtempSync(join(tmpdir(), 'aegir-step-'));
  const { db, running } = seedInventory(root);
  const writes = (): number => Number(db.prepare('SELECT total_changes()').pluck().get());
  const run = { host: {}, log: { write: () => {} }, secrets: {}, result: {} };
  const io = makeStepIo(
    { inventory: db } as unknown as WorkerDeps,
    running,
    { seq: 1, name: 'dump' },
    run as unknown as Parameters<typeof makeStepIo>[3],
    new AbortController().signal,
  );
  const before = writes();
  for (let piece = 1; piece <= 1000; piece += 1) io.progress(piece * 65_536, 0, 'bytes');
  expect(writes() - before).toBeLessThan(10);
  io.progress(7, 7, 'files');
  expect(findTask(db, running)?.progress).toMatchObject({ done: 7, total: 7 });
  db.close();
  rmSync(root, { recursive: true, force: true });
});
