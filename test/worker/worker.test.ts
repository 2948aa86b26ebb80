import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAudit } from '../../src/db/audit.ts';
import { clientId } from '../../src/db/clients.ts';
import { type Inventory, openInventory } from '../../src/db/inventory.ts';
import { listSteps } from '../../src/db/journal.ts';
import { insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { saveServer } from '../../src/db/servers.ts';
import { findSite, insertSite, updateSite } from '../../src/db/sites.ts';
import { findTask, listTasks, type TaskRow } from '../../src/db/tasks.ts';
import type { Host } from '../../src/provision/host/host.ts';
import { AegirError } from '../../src/provision/model/errors.ts';
import { rootPaths } from '../../src/provision/model/paths.ts';
import type { Step } from '../../src/provision/tasks/model/task.ts';
import { refusalOf } from '../../src/worker/availability.ts';
import { makeExclusive } from '../../src/worker/locks.ts';
import { cancelTask, queueTask, recoverLater, retryTask } from '../../src/worker/queue.ts';
import type { Queue } from '../../src/worker/queue-access.ts';
import type { WorkerDeps } from '../../src/worker/running.ts';
import { startWorker, type Worker, type WorkerOptions } from '../../src/worker/worker.ts';
import { ownProgram } from '../support/own-program.ts';

let folder: string;
let db: Inventory;
let queue: Queue;
let deps: WorkerDeps;
let worker: Worker | undefined;

/** What the steps of the test did, in order. */
let done: string[];

const program = ownProgram();
const verify = program.tasks.of('site.verify');
const original = { ...verify };
const ended = new Set(['succeeded', 'warning', 'failed', 'cancelled']);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-worker-'));
  const paths = rootPaths(folder);
  db = openInventory(paths.inventory);
  saveServer(db, {
    name: 'server_master',
    handlePrefix: 'aeg',
    uidBase: 20_000,
    webUser: 'w',
    services: [{ kind: 'db', driver: 'mariadb', version: '', settings: {} }],
  });
  for (const name of ['one', 'two']) {
    insertPlatform(db, {
      name,
      server: 'server_master',
      root: `/srv/${name}`,
      source: `path:/srv/${name}`,
      managed: false,
    });
    updatePlatform(db, name, {
      state: 'ready',
      engine: 'spip',
      version: '1',
      profiles: [{ name: 'default', title: '' }],
    });
  }
  for (const [uri, platform] of [
    ['a.example.org', 'one'],
    ['b.example.org', 'one'],
    ['c.example.org', 'two'],
  ] as const) {
    insertSite(db, {
      uri,
      platform,
      clientId: clientId(db, 'admin') ?? 0,
      title: uri,
      profile: 'default',
      language: 'en',
      adminName: 'admin',
      adminMail: 'a@b.c',
      php: {},
      databaseDriver: 'mariadb',
      handlePrefix: 'aeg',
      uidBase: 20_000,
    });
    updateSite(db, uri, { state: 'enabled' });
  }
  queue = {
    inventory: db,
    paths,
    program,
    actor: { actor: 'root', sudoUser: 'ann', sshClient: '192.0.2.7' },
    readOnly: false,
  };
  deps = {
    inventory: db,
    paths,
    program,
    hostFor: () => ({}) as Host,
    exclusive: makeExclusive(),
    retryDelaysMs: [5, 10],
  };
  done = [];
});

afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  Object.assign(verify, original);
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Gives site.verify the steps of a test, in place of its own. */
function becomes(steps: Step<unknown>[], more: Partial<typeof verify> = {}): void {
  Object.assign(verify, { validate: async () => {}, apply: steps, commit: () => ({}), cleanUp: [], ...more });
}

const step = (
  name: string,
  run: Step<unknown>['run'] = async () => {},
  undo?: Step<unknown>['undo'],
): Step<unknown> => ({
  name,
  title: name,
  async run(ctx, io) {
    io.save({ step: name });
    done.push(name);
    await run(ctx, io);
  },
  async undo(ctx, io, saved) {
    await undo?.(ctx, io, saved);
    done.push(`undo ${name}`);
  },
});

const ask = (object: string): number => queueTask(queue, { type: 'site.verify', object, args: {} });
const start = (options: WorkerOptions = {}): void => {
  worker = startWorker(deps, options);
};

async function end(id: number): Promise<TaskRow> {
  for (let waited = 0; waited < 5000; waited += 5) {
    const task = findTask(db, id);
    if (task && ended.has(task.state)) return task;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`task ${id} did not end: ${findTask(db, id)?.state}`);
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** On a busy machine. */
const LONG = { timeout: 20_000 };

/** Work that lasts until it is released. */
function held(): { run(): Promise<void>; running(): number; release(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let running = 0;
  const run = async (): Promise<void> => {
    running += 1;
    await promise;
  };
  return { run, running: () => running, release: resolve };
}

/** A task that has failed and whose undo did not work, until it is mended. */
async function unfinished(): Promise<{ id: number; mend(): void }> {
  let works = false;
  const undo = async (): Promise<void> => {
    if (!works) throw new Error('the database is down');
  };
  becomes([step('first', undefined, undo), step('breaks', async () => Promise.reject(new Error('broken')))]);
  start();
  const id = ask('a.example.org');
  expect((await end(id)).unfinished).toContain('the database is down');
  return {
    id,
    mend() {
      works = true;
    },
  };
}

describe('the queue', () => {
  it('runs tasks on several sites of a platform at once, and never two on one site', async () => {
    const work = held();
    becomes([step('work', work.run)]);
    start({ concurrency: 3 });
    const ids = ['a.example.org', 'b.example.org', 'c.example.org'].map(ask);
    await expect.poll(work.running, LONG).toBe(3);
    const second = ask('a.example.org');
    await sleep(30);
    expect(findTask(db, second)?.state).toBe('queued');
    work.release();
    for (const id of [...ids, second]) expect((await end(id)).state).toBe('succeeded');
  });

  it('keeps a platform from being worked on while a site of it is', async () => {
    const work = held();
    becomes([step('work', work.run)]);
    start({ concurrency: 3 });
    const site = ask('a.example.org');
    await expect.poll(work.running, LONG).toBe(1);
    const platform = queueTask(queue, { type: 'platform.verify', object: 'one', args: {} });
    await sleep(30);
    expect(findTask(db, platform)?.state).toBe('queued');
    work.release();
    await end(site);
    await expect.poll(() => findTask(db, platform)?.state, LONG).not.toBe('queued');
  });

  it('starts a queued task at once: the bell wakes it, not the clock (pain 24)', async () => {
    becomes([step('work')]);
    start({ tickMs: 3_600_000 });
    await sleep(50);
    expect((await end(ask('a.example.org'))).state).toBe('succeeded');
  });

  it('keeps who queued a task, and from where', () => {
    const id = ask('a.example.org');
    expect(findTask(db, id)?.queuedBy).toBe('ann');
    expect(listAudit(db, 1)).toMatchObject([
      { actor: 'root', sudoUser: 'ann', sshClient: '192.0.2.7', action: 'site.verify', taskId: id },
    ]);
  });

  it('refuses what is wrong, naming the field, and everything in a read-only session', () => {
    expect(() => queueTask(queue, { type: 'site.login', object: 'a.example.org', args: { user: 7 } })).toThrow(
      expect.objectContaining({ code: 'ARGUMENT_INVALID', field: 'user' }),
    );
    expect(() => queueTask(queue, { type: 'site.login', object: 'a.example.org', args: { nobody: 'x' } })).toThrow(
      expect.objectContaining({ code: 'ARGUMENT_INVALID', field: 'nobody' }),
    );
    expect(() => ask('http://a.example.org')).toThrow(expect.objectContaining({ code: 'URI_INVALID' }));
    expect(() =>
      queueTask({ ...queue, readOnly: true }, { type: 'site.verify', object: 'a.example.org', args: {} }),
    ).toThrow(expect.objectContaining({ code: 'READ_ONLY' }));
    expect(listTasks(db)).toEqual([]);
  });

  it('takes the name of a new site at once, canonical, and gives it back when the task is cancelled', async () => {
    const install = (object: string) =>
      queueTask(queue, { type: 'site.install', object, args: { platform: 'one', adminMail: 'a@example.org' } });
    const id = install('MÜLLER.Example.ORG');
    expect(findSite(db, 'xn--mller-kva.example.org')?.state).toBe('installing');
    expect(() => install('müller.example.org')).toThrow(expect.objectContaining({ code: 'URI_TAKEN' }));
    cancelTask(queue, id);
    start();
    expect((await end(id)).state).toBe('cancelled');
    expect(findSite(db, 'xn--mller-kva.example.org')).toBeUndefined();
  });

  it('says why something cannot be done now', () => {
    expect(refusalOf(queue, 'platform.delete', 'platform', 'one')).toMatchObject({
      code: 'PLATFORM_IN_USE',
      message: expect.stringContaining('a.example.org, b.example.org'),
    });
    const id = ask('a.example.org');
    expect(refusalOf(queue, 'site.verify', 'site', 'a.example.org')).toMatchObject({
      code: 'TASK_DUPLICATE',
      message: expect.stringContaining(String(id)),
    });
    expect(refusalOf(queue, 'site.verify', 'site', 'nobody.example.org')).toMatchObject({ code: 'NO_SUCH_OBJECT' });
  });
});

describe('a task', () => {
  it('is undone though the inventory cannot be written, and noted once it can', async () => {
    becomes([
      step('fill', async () => {
        db.pragma('query_only = ON');
        throw new Error('no space is left');
      }),
    ]);
    start();
    const id = ask('a.example.org');
    await sleep(1000);
    expect(done).toEqual(['fill', 'undo fill']);
    expect(findTask(db, id)?.state).toBe('running');
    db.pragma('query_only = OFF');
    await sleep(5000);
    expect(findTask(db, id)).toMatchObject({ state: 'failed', unfinished: null });
  });

  it('that fails undoes what it did, newest first, and can be tried again as a new attempt', async () => {
    let broken = true;
    becomes([
      step('first'),
      step('second', async () => {
        if (broken) throw new AegirError('BROKEN', 'it broke', 'Mend it.');
      }),
      step('third'),
    ]);
    start();
    const id = ask('a.example.org');
    expect(await end(id)).toMatchObject({ state: 'failed', error: { code: 'BROKEN' }, unfinished: null });
    expect(done).toEqual(['first', 'second', 'undo second', 'undo first']);
    expect(listSteps(db, id).map(({ state }) => state)).toEqual(['done', 'undone', 'undone', 'waiting', 'waiting']);
    broken = false;
    const again = await end(retryTask(queue, id));
    expect(again).toMatchObject({ state: 'succeeded', attempt: 2, retryOf: id });
  });

  it('that is cancelled while it runs is undone', async () => {
    becomes([
      step('first'),
      step(
        'long',
        (_ctx, io) =>
          new Promise((_resolve, reject) => io.signal.addEventListener('abort', () => reject(new Error('stopped')))),
      ),
    ]);
    start();
    const id = ask('a.example.org');
    await sleep(50);
    cancelTask(queue, id);
    expect(await end(id)).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } });
    expect(done).toEqual(['first', 'long', 'undo long', 'undo first']);
  });

  it('that takes longer than its limit is ended and undone (pain 2)', async () => {
    becomes(
      [
        step(
          'long',
          (_ctx, io) =>
            new Promise((_resolve, reject) => io.signal.addEventListener('abort', () => reject(new Error('stopped')))),
        ),
      ],
      { timeLimitS: 1 },
    );
    start();
    expect(await end(ask('a.example.org'))).toMatchObject({ state: 'failed', error: { code: 'TIME_LIMIT' } });
    expect(done).toEqual(['long', 'undo long']);
  });

  it('whose undo fails at first is undone by a later try', async () => {
    let tries = 0;
    const undo = async (): Promise<void> => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
    };
    becomes([step('first', undefined, undo), step('breaks', async () => Promise.reject(new Error('broken')))]);
    start();
    expect(await end(ask('a.example.org'))).toMatchObject({ state: 'failed', unfinished: null });
    expect(tries).toBe(3);
  });

  it('whose undo never works locks its object with the reason, until recover has done it', async () => {
    const { id, mend } = await unfinished();
    expect(() => ask('a.example.org')).toThrow(
      expect.objectContaining({ code: 'OBJECT_LOCKED', hint: expect.stringContaining(`task recover ${id}`) }),
    );
    mend();
    recoverLater(queue, id);
    for (let waited = 0; findTask(db, id)?.unfinished && waited < 3000; waited += 10) await sleep(10);
    expect(findTask(db, id)).toMatchObject({ state: 'failed', unfinished: null });
    expect(refusalOf(queue, 'site.verify', 'site', 'a.example.org')).toBeUndefined();
  });

  it('that is committed always finishes, with a warning where something could not be tidied', async () => {
    becomes([step('work')], {
      cleanUp: [step('tidy', async () => Promise.reject(new Error('cannot'))), step('after')],
    });
    start();
    const task = await end(ask('a.example.org'));
    expect(task).toMatchObject({ state: 'warning', committed: true, unfinished: expect.stringContaining('cannot') });
    expect(done).toContain('after');
    expect(done.filter((name) => name.startsWith('undo'))).toEqual([]);
  });

  it('says of a step that was not called for that it was not needed, and why', async () => {
    const left = (name: string): Step<unknown> => ({ name, title: name, run: async (_ctx, io) => io.notNeeded('so') });
    becomes([step('work'), left('no backup')], { cleanUp: [left('nothing kept'), step('tidy')] });
    start();
    const id = ask('a.example.org');
    expect(await end(id)).toMatchObject({ state: 'succeeded' });
    expect(listSteps(db, id).map(({ name, state, note }) => [name, state, note])).toEqual([
      ['check', 'done', null],
      ['work', 'done', null],
      ['no backup', 'notNeeded', 'so'],
      ['record', 'done', null],
      ['nothing kept', 'notNeeded', 'so'],
      ['tidy', 'done', null],
    ]);
  });

  it('whose checks find several problems names them all and changes nothing', async () => {
    becomes([step('work')], {
      async validate(_ctx, _io, problem) {
        problem('ONE', 'the first is wrong', 'Mend it.');
        problem('TWO', 'the second is wrong', 'Mend it too.');
      },
    });
    start();
    expect(await end(ask('a.example.org'))).toMatchObject({
      state: 'failed',
      error: { code: 'ONE', message: 'the first is wrong; the second is wrong' },
    });
    expect(done).toEqual([]);
  });
});

describe('a worker that died', () => {
  /** A task as a dead worker leaves it: running, its second step begun. */
  function leftRunning(committed: boolean, context?: string): number {
    const id = ask('a.example.org');
    const frozen =
      context ??
      JSON.stringify({ site: { uri: 'a.example.org', platform: { name: 'one' }, server: { name: 'server_master' } } });
    db.prepare(
      `UPDATE task SET state = 'running', context = ?, committed = ?, started_at = queued_at WHERE id = ?`,
    ).run(frozen, committed ? 1 : 0, id);
    const row = db.prepare(
      `INSERT INTO step (task_id, seq, phase, name, title, state, saved) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    row.run(id, 0, 'validate', 'check', 'Check', 'done', null);
    row.run(id, 1, 'apply', 'first', 'first', 'done', '{"step":"first"}');
    row.run(id, 2, 'apply', 'second', 'second', committed ? 'done' : 'running', '{"step":"second"}');
    return id;
  }

  it('leaves a task that is undone when it was not committed', async () => {
    becomes([step('first'), step('second')]);
    const id = leftRunning(false);
    start();
    expect(await end(id)).toMatchObject({ state: 'failed', error: { code: 'INTERRUPTED' } });
    expect(done).toEqual(['undo second', 'undo first']);
  });

  it('leaves a task that is finished when it was', async () => {
    becomes([step('first'), step('second')], { cleanUp: [step('tidy')] });
    const id = leftRunning(true);
    start();
    expect(await end(id)).toMatchObject({ state: 'succeeded' });
    expect(done).toEqual(['tidy']);
  });

  it('may leave a damaged row, which takes no other task down', async () => {
    becomes([step('work')]);
    const damaged = leftRunning(false, 'null');
    const other = ask('b.example.org');
    start();
    expect((await end(damaged)).state).toBe('failed');
    expect((await end(other)).state).toBe('succeeded');
  });
});

describe('a worker that is told to end', () => {
  /** A step that lasts until it is let go; it ends early when it is cut off. */
  function lasting(name: string): { it: Step<unknown>; begun: Promise<void>; letGo(): void } {
    let begin = (): void => {};
    let letGo = (): void => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const over = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const run = (): Promise<void> => {
      begin();
      return over;
    };
    return { it: step(name, run), begun, letGo };
  }

  it('lets the step at hand end and leaves the task to the next worker, which undoes it and begins it again', async () => {
    const long = lasting('long');
    becomes([step('first'), long.it, step('third')]);
    start();
    const id = ask('a.example.org');
    await long.begun;
    const gone = worker?.halt();
    long.letGo();
    await gone;
    expect(done).toEqual(['first', 'long']);
    expect(findTask(db, id)).toMatchObject({ state: 'interrupted', unfinished: null, endedAt: null });
    start();
    expect(await end(id)).toMatchObject({ state: 'succeeded', error: null });
    expect(done).toEqual(['first', 'long', 'undo long', 'undo first', 'first', 'long', 'third']);
  });

  it('first lets visitors back, by undoing so much of the task', async () => {
    const long = lasting('long');
    becomes(
      [
        step('first'),
        { ...step('hold'), visitors: 'held' },
        {
          ...long.it,
          run: async (ctx, io) => {
            await long.it.run(ctx, io);
            throw new AegirError('BROKEN', 'it broke', 'Mend it.');
          },
        },
      ],
      {},
    );
    start();
    const id = ask('a.example.org');
    await long.begun;
    const gone = worker?.halt();
    long.letGo();
    await gone;
    expect(done).toEqual(['first', 'hold', 'long', 'undo long', 'undo hold']);
    expect(findTask(db, id)?.state).toBe('interrupted');
    start();
    expect(await end(id)).toMatchObject({ state: 'failed', error: { code: 'BROKEN' } });
    expect(done.at(-1)).toBe('undo first');
  });

  it('first lets visitors back, by the end of the task where it comes soon', async () => {
    const long = lasting('long');
    becomes([{ ...step('hold'), visitors: 'held' }, long.it, step('third')], {
      cleanUp: [step('tidy'), { ...step('open'), visitors: 'back' }, step('last')],
    });
    start();
    const id = ask('a.example.org');
    await long.begun;
    const gone = worker?.halt();
    long.letGo();
    await gone;
    expect(done).toEqual(['hold', 'long', 'third', 'tidy', 'open']);
    expect(findTask(db, id)).toMatchObject({ state: 'interrupted', committed: true });
    start();
    expect(await end(id)).toMatchObject({ state: 'succeeded' });
    expect(done.at(-1)).toBe('last');
  });

  it('undoes its tasks at once when it is told a second time', async () => {
    const long = lasting('long');
    becomes([step('first'), long.it]);
    start();
    const id = ask('a.example.org');
    await long.begun;
    const gone = worker?.halt();
    const undone = worker?.stop();
    long.letGo();
    await Promise.all([gone, undone]);
    expect(findTask(db, id)).toMatchObject({ state: 'failed', error: { code: 'WORKER_STOPPED' } });
    expect(done).toEqual(['first', 'long', 'undo long', 'undo first']);
  });

  it('leaves what it cannot undo just now without waiting, and the next one tries again', async () => {
    let works = false;
    const undo = async (): Promise<void> => {
      if (!works) throw new Error('the database is down');
    };
    const long = lasting('long');
    deps = { ...deps, retryDelaysMs: [60_000] };
    becomes([
      { ...step('hold', undefined, undo), visitors: 'held' },
      {
        ...long.it,
        run: async (ctx, io) => {
          await long.it.run(ctx, io);
          throw new Error('broken');
        },
      },
    ]);
    start();
    const id = ask('a.example.org');
    await long.begun;
    const gone = worker?.halt();
    long.letGo();
    await gone;
    expect(findTask(db, id)).toMatchObject({ state: 'interrupted', unfinished: null });
    works = true;
    start();
    expect(await end(id)).toMatchObject({ state: 'failed', unfinished: null });
  });
});

it('what a worker could not undo or finish, the next one that stays tries again', async () => {
  const { id, mend } = await unfinished();
  await worker?.drain();
  mend();
  start({ schedules: true });
  for (let waited = 0; findTask(db, id)?.unfinished && waited < 3000; waited += 10) await sleep(10);
  expect(findTask(db, id)).toMatchObject({ state: 'failed', unfinished: null, error: { message: 'broken' } });
});
