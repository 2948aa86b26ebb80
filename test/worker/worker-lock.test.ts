import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { tryWorkerLock, workerProcess } from '../../src/worker/worker-lock.ts';
import { AS_OF_BEFORE, heldBy, holder } from '../support/lock-holder.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-lock-'));
  file = join(folder, 'worker.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ended = (child: ChildProcess): Promise<unknown> => {
  const end = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  return end;
};
const modeOf = (path: string): number => statSync(path).mode & 0o777;

it('is for one process, also while that is stopped, and free the moment it dies (pain 1)', async () => {
  const other = await holder(file);
  expect(tryWorkerLock(file)).toBeUndefined();
  other.kill('SIGSTOP');
  expect(tryWorkerLock(file)).toBeUndefined();
  await ended(other);
  const mine = tryWorkerLock(file);
  expect(mine).toBeDefined();
  mine?.release();
});

it('is a file of its owner alone, whatever the umask, with nothing beside it', () => {
  const umask = process.umask(0);
  onTestFinished(() => void process.umask(umask));
  const mine = tryWorkerLock(file);
  expect(readdirSync(folder)).toEqual(['worker.lock']);
  expect(modeOf(file)).toBe(0o600);
  mine?.release();
});

it('names the process that is the worker', async () => {
  expect(workerProcess(file)).toBeUndefined();
  const other = await holder(file);
  expect(workerProcess(file)).toBe(other.pid);
  await ended(other);
  expect(workerProcess(file)).toBeUndefined();
  const mine = tryWorkerLock(file);
  expect(workerProcess(file)).toBe(process.pid);
  expect(tryWorkerLock(file), 'asked again by the worker itself').toBeUndefined();
  expect(workerProcess(file)).toBe(process.pid);
  mine?.release();
});

it('that others could open is another file afterwards, once the worker that holds it is gone', async () => {
  writeFileSync(file, '', { mode: 0o644 });
  const before = statSync(file).ino;
  const old = await holder(file, AS_OF_BEFORE);
  expect(tryWorkerLock(file)).toBeUndefined();
  expect(statSync(file)).toMatchObject({ ino: before });
  await ended(old);
  const mine = tryWorkerLock(file);
  expect(mine).toBeDefined();
  expect(readdirSync(folder)).toEqual(['worker.lock']);
  expect(modeOf(file)).toBe(0o600);
  expect(statSync(file).ino).not.toBe(before);
  expect(workerProcess(file)).toBe(process.pid);
  mine?.release();
});

it('is one worker’s when several find a file that others could open', async () => {
  writeFileSync(file, '', { mode: 0o644 });
  const held = await Promise.all(Array.from({ length: 4 }, () => heldBy(file)));
  expect(held.filter(({ holds }) => holds)).toHaveLength(1);
  await Promise.all(held.map(({ child }) => ended(child)));
  expect(readdirSync(folder)).toEqual(['worker.lock']);
});
