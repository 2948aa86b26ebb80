import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { strangersIn } from '../../src/provision/host/local/file-holders.ts';
import { tryWorkerLock, workerProcess } from '../../src/worker/worker-lock.ts';
import { asStranger, heldBy, holder } from '../support/lock-holder.ts';

const needs = '(needs root)';
const asRoot = process.getuid?.() === 0;
const SOMEBODY = 64_999;

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-lock-'));
  chmodSync(folder, 0o711);
  file = join(folder, 'worker.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.skipIf(!asRoot)(`another user cannot lock the worker out ${needs}`, async () => {
  tryWorkerLock(file)?.release();
  expect(await heldBy(file, asStranger(SOMEBODY))).toMatchObject({ holds: false });
  const mine = tryWorkerLock(file);
  expect(mine).toBeDefined();
  mine?.release();
});

it.skipIf(!asRoot)(`nor by a lock that he took while he could; what he holds is told ${needs}`, async () => {
  writeFileSync(file, '', { mode: 0o644 });
  const { pid } = await holder(file, asStranger(SOMEBODY));
  expect(strangersIn([file, join(folder, 'none')])).toEqual([{ pid, uid: SOMEBODY, file }]);
  const mine = tryWorkerLock(file);
  expect(mine).toBeDefined();
  expect(workerProcess(file)).toBe(process.pid);
  expect(strangersIn([file])).toEqual([]);
  expect(tryWorkerLock(file)).toBeUndefined();
  mine?.release();
  const next = tryWorkerLock(file);
  expect(next).toBeDefined();
  next?.release();
});

it.skipIf(!asRoot)(`nor when somebody has taken the rights from the file since ${needs}`, async () => {
  writeFileSync(file, '', { mode: 0o644 });
  await holder(file, asStranger(SOMEBODY));
  chmodSync(file, 0o600);
  const mine = tryWorkerLock(file);
  expect(mine).toBeDefined();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  mine?.release();
});
