import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isEnded } from '../../src/cli/wait.ts';
import { endTask } from '../../src/db/task-changes.ts';
import { findTask, listTasks } from '../../src/db/tasks.ts';
import { ringBell } from '../../src/worker/bell.ts';
import { tryWorkerLock, type WorkerLock } from '../../src/worker/worker-lock.ts';
import { openStore } from '../support/open-store.ts';
import { program } from '../support/program.ts';
import { type Seeded, seedInventory } from '../support/seed-inventory.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';

describe('waiting for a task', () => {
  it('lasts until what another try was asked for has been tried', async () => {
    const { seeded } = await openStore();
    const { db, failed } = seeded;
    const over = (): boolean => {
      const task = findTask(db, failed);
      return task !== undefined && isEnded(task);
    };
    expect(over()).toBe(true);
    db.prepare('UPDATE task SET recover_requested_at = ? WHERE id = ?').run('2026-01-01T00:00:00Z', failed);
    expect(over()).toBe(false);
  });
});

/** Whether a process has its own answer to SIGHUP, which the command sets together with that to ctrl-c: proc(5). */
function answersSignals(pid: number): boolean {
  try {
    const [, caught = '0'] = /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return (BigInt(`0x${caught}`) & 1n) === 1n;
  } catch {
    return false;
  }
}

describe('ctrl-c while waiting', () => {
  let folder = '';
  let seeded: Seeded;
  let worker: WorkerLock | undefined;
  let terminal: Terminal;
  const id = (): number => listTasks(seeded.db)[0]?.id ?? 0;
  const end = (state: 'succeeded' | 'cancelled'): void => {
    endTask(seeded.db, id(), { state });
    ringBell(seeded.paths.bell);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aegir-wait-'));
    seeded = seedInventory(folder);
    // Another process is the worker.
    worker = tryWorkerLock(seeded.paths.workerLock);
    expect(worker).toBeDefined();
    const args = [program, '--root', folder, 'task', 'retry', String(seeded.failed), '--wait'];
    terminal = startTerminal({ command: process.execPath, args, cols: 120 });
    await expect.poll(() => answersSignals(terminal.pid)).toBe(true);
    await terminal.press('ctrl-c');
    await terminal.waitFor('[c]ancel and undo it?');
  }, 90_000);
  afterEach(() => {
    terminal?.hangUp();
    worker?.release();
    seeded.db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('asks, and a second one cancels', async () => {
    await terminal.press('ctrl-c');
    expect(findTask(seeded.db, id())?.cancelRequestedAt).not.toBeNull();
    end('cancelled');
    expect((await terminal.exit).code).toBe(1);
  });

  it('takes its question back when the task ends meanwhile', async () => {
    end('succeeded');
    expect((await terminal.exit).code).toBe(0);
    expect(terminal.text()).toMatch(/task \d+ succeeded/);
  });

  it('leaves the task running when that is the answer', async () => {
    await terminal.type('l\r');
    expect((await terminal.exit).code).toBe(130);
    expect(findTask(seeded.db, id())).toMatchObject({ state: 'queued', cancelRequestedAt: null });
  });
});
