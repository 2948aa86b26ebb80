import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rootPaths } from '../../src/provision/model/paths.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import type { SetupContext } from '../../src/setup/check.ts';
import { privateFiles } from '../../src/setup/checks/private-files.ts';
import { ringBell } from '../../src/worker/bell.ts';
import { localDeps } from '../../src/worker/local-deps.ts';
import { openRoot, type Root } from '../../src/worker/open-root.ts';
import { startWorker } from '../../src/worker/worker.ts';
import { AS_OF_BEFORE, asStranger, holder } from '../support/lock-holder.ts';

const needs = '(needs root)';
const asRoot = process.getuid?.() === 0;
const SOMEBODY = 64_999;

let root: Root;
let context: SetupContext;

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'aegtest-private-'));
  chmodSync(folder, 0o711);
  root = openRoot(rootPaths(folder), standardProgram);
  context = { target: { paths: root.paths }, host: { planning: false } } as unknown as SetupContext;
});
afterEach(() => {
  root.inventory.close();
  rmSync(root.paths.root, { recursive: true });
});

const said = () => privateFiles.check(context);
const open = (): string[] => {
  const { inventory, bell } = root.paths;
  ringBell(bell);
  const files = [inventory, `${inventory}-wal`, `${inventory}-shm`, bell];
  for (const file of files) chmodSync(file, 0o664);
  return files;
};

it.skipIf(!asRoot)(`what others can open is told, and shut by setup ${needs}`, async () => {
  const files = open();
  writeFileSync(root.paths.workerLock, '', { mode: 0o644 });
  const wrong = await said();
  expect(wrong?.code).toBe('FILES_OPEN');
  for (const file of [...files, root.paths.workerLock]) expect(wrong?.message).toContain(file);
  await privateFiles.fix?.(context);
  expect(await said()).toBeUndefined();
  expect(files.map((file) => statSync(file).mode & 0o777)).toEqual(files.map(() => 0o600));
});

it.skipIf(!asRoot)(`a lock that a worker of before holds is shut by the next one ${needs}`, async () => {
  const files = open();
  writeFileSync(root.paths.workerLock, '', { mode: 0o644 });
  const before = await holder(root.paths.workerLock, AS_OF_BEFORE);
  await privateFiles.fix?.(context);
  expect(await said()).toMatchObject({ code: 'FILES_OPEN', hint: expect.stringContaining('restart aegir-worker') });
  open();
  const gone = new Promise((resolve) => before.once('exit', resolve));
  before.kill('SIGKILL');
  await gone;
  const worker = startWorker(localDeps(root));
  expect(worker.active).toBe(true);
  await worker.drain();
  expect(await said()).toBeUndefined();
  expect(files.map((file) => statSync(file).mode & 0o777)).toEqual(files.map(() => 0o600));
});

it.skipIf(!asRoot)(`who has opened one while he could is told ${needs}`, async () => {
  chmodSync(root.paths.inventory, 0o644);
  for (const end of ['-wal', '-shm']) chmodSync(root.paths.inventory + end, 0o666);
  const { pid } = await holder(root.paths.inventory, asStranger(SOMEBODY));
  await privateFiles.fix?.(context);
  const wrong = await said();
  expect(wrong).toMatchObject({ code: 'FILES_HELD', hint: expect.stringContaining(`kill ${pid}`) });
  expect(wrong?.message).toMatch(new RegExp(`^process ${pid} of ${SOMEBODY} has inventory\\.sqlite`));
});
