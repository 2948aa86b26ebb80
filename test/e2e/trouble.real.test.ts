import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findSite } from '../../src/db/sites.ts';
import { findTask, type TaskRow } from '../../src/db/tasks.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { queueTask, recoverLater } from '../../src/worker/queue.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { debianTree } from '../support/platforms.ts';
import { runTask, untilEnded } from '../support/run-task.ts';
import type { Stack } from '../support/stack.ts';
import { tracesOf } from '../support/traces.ts';

let stack: Stack;
let root: StackRoot;

onOwnServer((own) => {
  ({ stack, root } = own);
});

beforeAll(async () => {
  expect(
    await runTask(root, 'platform.add', 'code', { from: `path:${await debianTree(stack.root, 'wordpress')}` }),
  ).toMatchObject({
    error: null,
  });
});

const args = { platform: 'code', title: 'Trouble', adminMail: 'a@example.test' };

/** Installs a site and does something when a step begins. */
async function installWith(uri: string, atStep: string, disturb: () => Promise<void> | void) {
  const begun: Promise<void>[] = [];
  const worker = startWorker({
    ...root.deps,
    onStep(_id, step, phase) {
      if (step === atStep && phase === 'apply') begun.push(Promise.resolve(disturb()));
    },
  });
  const task = await untilEnded(root, queueTask(root.queue, { type: 'site.install', object: uri, args }));
  await Promise.all(begun);
  await worker.drain();
  return task;
}

const handleOf = (): string =>
  root.inventory.prepare<[], string>('SELECT handle FROM handle ORDER BY number DESC LIMIT 1').pluck().get() ?? '';

const database = (action: 'start' | 'stop') =>
  standardProgram.services.db(stack.server).control(stack.host, stack.server, action);

describe('MariaDB that is down', () => {
  it('before a task: is said by the checks, and nothing is begun', async () => {
    await database('stop');
    const task = await runTask(root, 'site.install', 'down.example.test', args);
    expect(await runTask(root, 'server.verify', 'server_master')).toMatchObject({ state: 'succeeded' });
    expect(task).toMatchObject({
      state: 'failed',
      unfinished: null,
      error: { code: 'SERVICE_DOWN', message: 'mariadb is stopped', hint: expect.stringContaining('server verify') },
    });
    expect(await tracesOf(stack, root, { handle: handleOf(), uri: 'down.example.test' })).toEqual([]);
  });

  it('keeps a site from being deleted in part', async () => {
    const uri = 'whole.example.test';
    expect(await runTask(root, 'site.install', uri, args)).toMatchObject({ state: 'succeeded' });
    await database('stop');
    expect(await runTask(root, 'site.delete', uri)).toMatchObject({ error: { code: 'SERVICE_DOWN' } });
    await database('start');
    expect(await runTask(root, 'site.verify', uri)).toMatchObject({ state: 'succeeded' });
    expect(await runTask(root, 'site.delete', uri)).toMatchObject({ state: 'succeeded' });
  });

  /** An install that cannot be undone, for its database is gone in the middle of it. */
  async function installHalf(uri: string): Promise<TaskRow> {
    const task = await installWith(uri, 'settings', () => {
      spawnSync('sh', [
        '-c',
        `kill -9 $(cat ${String(stack.server.services.find(({ kind }) => kind === 'db')?.settings.pidFile)})`,
      ]);
    });
    expect(task).toMatchObject({ state: 'failed', unfinished: expect.stringContaining('database') });
    await database('start');
    return task;
  }

  it('in the middle: what was left half-made can be deleted, and nothing is left of it', async () => {
    const uri = 'half.example.test';
    const task = await installHalf(uri);
    expect(await runTask(root, 'site.delete', uri)).toMatchObject({ state: 'succeeded', unfinished: null });
    expect(findTask(root.inventory, task.id)?.unfinished).toBeNull();
    expect(findSite(root.inventory, uri)).toBeUndefined();
    expect(await tracesOf(stack, root, { handle: handleOf(), uri })).toEqual([]);
  });

  it('in the middle: what cannot be undone locks the site with the reason, and recover finishes it', async () => {
    const uri = 'middle.example.test';
    const task = await installHalf(uri);
    const worker = startWorker(root.deps);
    recoverLater(root.queue, task.id);
    for (let waited = 0; findTask(root.inventory, task.id)?.unfinished && waited < 20_000; waited += 50) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await worker.drain();
    expect(findTask(root.inventory, task.id)?.unfinished).toBeNull();
    expect(await tracesOf(stack, root, { handle: handleOf(), uri })).toEqual([]);
  });
});

const canMount = ((): boolean => {
  const place = mkdtempSync(join(tmpdir(), 'aegtest-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'aegtest', place]).status === 0;
  if (mounted) spawnSync('umount', [place]);
  rmSync(place, { recursive: true });
  return mounted;
})();

describe.skipIf(!canMount)('a full disk (needs the right to mount)', () => {
  const mounted =
    (size: string, work: () => Promise<void>, over = () => stack.paths.sites) =>
    async () => {
      const options = ['-t', 'tmpfs', '-o', `size=${size},mode=0711`, 'aegtest', over()];
      expect(spawnSync('mount', options, { encoding: 'utf8' }).stderr).toBe('');
      try {
        await work();
      } finally {
        spawnSync('umount', ['--lazy', over()]);
      }
    };

  it(
    'is seen before anything is begun',
    mounted('20m', async () => {
      const task = await runTask(root, 'site.install', 'full.example.test', args);
      expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'DISK_FULL' } });
      expect(await tracesOf(stack, root, { handle: handleOf(), uri: 'full.example.test' })).toEqual([]);
    }),
  );

  it(
    'takes no code of a CMS either',
    mounted(
      '20m',
      async () => {
        const task = await runTask(root, 'platform.add', 'full', { from: 'debian:wordpress' });
        expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'DISK_FULL' } });
        expect(readdirSync(stack.paths.platforms)).toEqual([]);
      },
      () => stack.paths.platforms,
    ),
  );

  it(
    'that fills up in the middle fails the task, which leaves nothing',
    mounted('320m', async () => {
      const filler = join(stack.paths.sites, 'filler');
      const task = await installWith('filling.example.test', 'settings', () => {
        try {
          writeFileSync(filler, Buffer.alloc(400 * 1024 * 1024));
        } catch {
          // Full now, as was meant.
        }
      });
      rmSync(filler, { force: true });
      expect(task).toMatchObject({ state: 'failed', unfinished: null });
      expect(task.error?.code).toBe('DISK_FULL');
      expect(await tracesOf(stack, root, { handle: handleOf(), uri: 'filling.example.test' })).toEqual([]);
    }),
  );
});
