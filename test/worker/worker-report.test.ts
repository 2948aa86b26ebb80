import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { saveServer } from '../../src/db/servers.ts';
import type { FileFact } from '../../src/provision/host/host.ts';
import { waitUntil } from '../../src/provision/host/local/wait.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { workerHolder } from '../../src/worker/worker-holder.ts';
import { tryWorkerLock } from '../../src/worker/worker-lock.ts';
import { reportWorker } from '../../src/worker/worker-report.ts';
import { holder } from '../support/lock-holder.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

let small: SmallRoot;
beforeEach(() => {
  small = openSmallRoot();
  small.site('shop.example.org');
});
afterEach(() => small.remove());

/** A machine on which systemd says this of the unit; without words it does not run there. */
function machine(said?: Record<string, string | number>) {
  const exec = `{ path=/usr/local/bin/aegir ; argv[]=/usr/local/bin/aegir worker --root ${small.folder} ; }`;
  const all = { LoadState: 'loaded', ActiveState: 'active', SubState: 'running', Result: 'success' };
  const unit = {
    ...all,
    ExecMainStatus: 0,
    NRestarts: 0,
    UnitFileState: 'enabled',
    MainPID: 0,
    ExecStart: exec,
    ...said,
  };
  const stdout = Object.entries(unit)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
  return {
    stat: async () => (said ? ({} as FileFact) : undefined),
    ask: async () => ({ code: 0, signal: undefined, stdout, stderr: '', timedOut: false }),
  };
}

const report = (said?: Record<string, string | number>) =>
  reportWorker({ paths: small.queue.paths, inventory: small.db }, machine(said));

/** Becomes the worker in this process until the test has ended. */
function work(): void {
  const lock = tryWorkerLock(small.queue.paths.workerLock);
  expect(lock).toBeDefined();
  onTestFinished(() => lock?.release());
}

/** A program of ours that is the worker, as its process is called. */
async function ourProgram(): Promise<ChildProcess> {
  const file = join(small.folder, 'aegir.js');
  const lock = `${process.cwd()}/src/worker/worker-lock.ts`;
  writeFileSync(
    file,
    `import { tryWorkerLock } from ${JSON.stringify(lock)}; globalThis.lock = tryWorkerLock(process.argv[3]);
     console.log('held'); setInterval(() => {}, 1000);`,
  );
  writeFileSync(join(small.folder, 'package.json'), '{"type": "module"}');
  const child = spawn(process.execPath, [file, 'worker', small.queue.paths.workerLock], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

/** Queues two tasks, of which the first has waited for three hours. */
function queueTwo(): void {
  for (const type of ['site.verify', 'site.backup'])
    queueTask(small.queue, { type, object: 'shop.example.org', args: {} });
  const early = new Date(Date.now() - 3 * 3600_000).toISOString();
  small.db.prepare(`UPDATE task SET queued_at = ? WHERE type = 'site.verify'`).run(early);
}

describe('the worker of a server with systemd', () => {
  const waits = '2 tasks wait for a worker (the first verify shop.example.org, for 3 h)';

  it('is fine while the process of its unit has the lock', async () => {
    queueTwo();
    work();
    expect(await report({ MainPID: process.pid })).toMatchObject({
      running: true,
      holder: { pid: process.pid, ours: true },
      trouble: undefined,
    });
  });

  it.each([
    [{ ActiveState: 'inactive' }, 'WORKER_STOPPED', 'aegir-worker.service is stopped', 'systemctl start aegir-worker'],
    [
      { ActiveState: 'failed', Result: 'exit-code', ExecMainStatus: 203 },
      'WORKER_FAILED',
      'aegir-worker.service has failed (exit-code, exit code 203)',
      'journalctl -u aegir-worker -n 50 shows why; then: systemctl reset-failed aegir-worker && systemctl start aegir-worker',
    ],
    [
      { ActiveState: 'activating', SubState: 'auto-restart', Result: 'exit-code', ExecMainStatus: 1, NRestarts: 6 },
      'WORKER_FAILED',
      'aegir-worker.service ends as soon as it has started (exit-code, exit code 1), 7 times so far',
      'journalctl -u aegir-worker -n 50 shows why; it is restarted automatically.',
    ],
    [
      { LoadState: 'not-found', ActiveState: 'inactive', ExecStart: '' },
      'UNIT_MISSING',
      'aegir-worker.service does not exist',
      'aegir setup creates it.',
    ],
    [
      { LoadState: 'masked', ActiveState: 'inactive', ExecStart: '' },
      'UNIT_MASKED',
      'aegir-worker.service is masked',
      'systemctl unmask aegir-worker; then aegir setup',
    ],
  ])('is told as such: %o', async (said, code, message, hint) => {
    queueTwo();
    expect(await report(said)).toMatchObject({
      running: false,
      holder: undefined,
      waiting: { queued: 2, interrupted: 0, first: 'verify shop.example.org' },
      trouble: { code, message: `${message}; ${waits}`, hint },
    });
  });

  it('that was stopped while a console does its work is told with who does', async () => {
    queueTwo();
    work();
    expect(await report({ ActiveState: 'inactive' })).toMatchObject({
      running: true,
      trouble: {
        code: 'WORKER_STOPPED',
        message: 'aegir-worker.service is stopped; this process is the worker while it runs',
      },
    });
  });

  it('that does not start at boot is told, while it runs', async () => {
    work();
    const said = { MainPID: process.pid, UnitFileState: 'disabled' };
    expect((await report(said)).trouble).toMatchObject({
      code: 'UNIT_DISABLED',
      message: 'the worker is not started at boot',
    });
  });

  it('is kept out by a program that is none of ours, which is named with its process', async () => {
    queueTwo();
    const { pid } = await holder(small.queue.paths.workerLock);
    const { running, trouble } = await report({ MainPID: 1 });
    expect(running).toBe(false);
    expect(trouble).toMatchObject({
      code: 'WORKER_LOCKED_OUT',
      hint: `End it: kill ${pid}; the worker then continues automatically.`,
    });
    expect(trouble?.message).toMatch(
      new RegExp(
        `^process ${pid} \\(.*node .*\\) is not a worker, but blocks every worker with a lock on .*${waits.slice(0, 7)}`,
      ),
    );
  });

  it('that a signal has stopped stays the worker, and is told with how it goes on', async () => {
    queueTwo();
    const child = await ourProgram();
    const words = `aegir worker ${small.queue.paths.workerLock}`;
    expect(await report({ MainPID: child.pid ?? 0 })).toMatchObject({ running: true, holder: { command: words } });
    child.kill('SIGSTOP');
    await waitUntil(() => workerHolder(small.queue.paths)?.paused === true, 5000);
    expect(await report({ MainPID: child.pid ?? 0 })).toMatchObject({
      running: false,
      trouble: {
        code: 'WORKER_PAUSED',
        message: `process ${child.pid} (${words}) is the worker, and was stopped by a signal; ${waits}`,
        hint: `fg in its terminal, or: kill -CONT ${child.pid}`,
      },
    });
  });

  it('counts what a dead worker was doing as interrupted', async () => {
    queueTwo();
    small.db.prepare(`UPDATE task SET state = 'running' WHERE type = 'site.backup'`).run();
    const { waiting, trouble } = await report({ ActiveState: 'inactive' });
    expect(waiting).toMatchObject({ queued: 1, interrupted: 1 });
    expect(trouble?.message).toBe(`aegir-worker.service is stopped; ${waits}; 1 of them was interrupted`);
    small.db.prepare(`UPDATE task SET state = 'cancelled' WHERE state = 'queued'`).run();
    expect((await report({ ActiveState: 'inactive' })).trouble?.message).toBe(
      'aegir-worker.service is stopped; 1 task that was interrupted waits for a worker (backup shop.example.org, for less than a minute)',
    );
  });
});

describe('the worker of a machine without systemd, and of a trial', () => {
  it('is missed once something waits for it', async () => {
    expect(await report()).toMatchObject({ running: false, trouble: undefined });
    queueTwo();
    expect((await report()).trouble).toMatchObject({
      code: 'NO_WORKER',
      hint: 'Open the console, or run: aegir worker',
    });
  });

  it('is no unit of the server beside it', async () => {
    saveServer(small.db, { name: 'server_master', handlePrefix: 'aeg', uidBase: 0, webUser: 'root', services: [] });
    expect(await report({ ActiveState: 'inactive' })).toMatchObject({ unit: undefined, trouble: undefined });
  });
});
