import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findTask } from '../../src/db/tasks.ts';
import { AegirError } from '../../src/provision/model/errors.ts';
import type { WorkerDeps } from '../../src/worker/running.ts';
import { logFailure, makeStepIo } from '../../src/worker/step-io.ts';
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

it('an error of many lines is as many lines of the log', () => {
  const lines: string[] = [];
  const io = makeStepIo(
    {} as WorkerDeps,
    1,
    { seq: 1, name: 'probe' },
    { log: { write: ({ text }: { text: string }) => lines.push(text) } } as unknown as Parameters<typeof makeStepIo>[3],
    new AbortController().signal,
  );
  logFailure(io, 'error', new AegirError('X', 'is an error:\n  line 1\r\n\n  line 2', 'Look at it.'));
  expect(lines).toEqual(['is an error:', '  line 1', '  line 2. Look at it.']);
  io.log('warning', Array.from({ length: 900 }, (_, place) => `line ${place}`).join('\n'));
  expect(lines.slice(3)).toHaveLength(201);
  expect(lines.at(-1)).toBe('… 700 more lines');
});
