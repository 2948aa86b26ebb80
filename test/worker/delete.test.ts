import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { insertSteps, listSteps, markStep, saveStep } from '../../src/db/journal.ts';
import { findSite } from '../../src/db/sites.ts';
import { endTask, startTask } from '../../src/db/task-changes.ts';
import { findTask, listTasks } from '../../src/db/tasks.ts';
import type { Json } from '../../src/provision/model/errors.ts';
import type { Program } from '../../src/provision/program.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { refusalOf } from '../../src/worker/availability.ts';
import { contextOf } from '../../src/worker/contexts.ts';
import { localDeps } from '../../src/worker/local-deps.ts';
import { makeExclusive } from '../../src/worker/locks.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { startWorker, type Worker } from '../../src/worker/worker.ts';
import { ownProgram } from '../support/own-program.ts';
import { seedBackupFolder } from '../support/seed-backup.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

const uri = 'a.example.org';
let program: Program;
let small: SmallRoot;
let worker: Worker | undefined;
let undone: number;

beforeEach(() => {
  program = ownProgram();
  for (const type of ['site.verify', 'site.delete', 'site.install'])
    Object.assign(program.tasks.of(type), { validate: async () => {}, apply: [], cleanUp: [] });
  small = openSmallRoot(program);
  undone = 0;
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  small.remove();
});

/** Lets tasks of a type fail, and their undo too as often as is said. */
function breaks(type: string, undoFails: number): void {
  const step = {
    ...{ name: 'half', title: 'Half' },
    async run(_ctx: unknown, io: { save(saved: Json): void }) {
      io.save({});
      throw new Error('broken');
    },
    async undo() {
      undone += 1;
      if (undone <= undoFails) throw new Error('the database is gone');
    },
  };
  Object.assign(program.tasks.of(type), { apply: [step] });
}

const start = (): void => {
  const deps = { ...localDeps(small.queue), exclusive: makeExclusive() };
  worker = startWorker({ ...deps, retryDelaysMs: [5] });
};

async function ended(id: number) {
  for (let waited = 0; waited < 5000; waited += 5) {
    const task = findTask(small.db, id);
    if (task?.endedAt && !task.recoverRequestedAt) return task;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`task ${id} did not end: ${findTask(small.db, id)?.state}`);
}

const remove = (args = {}): number => queueTask(small.queue, { type: 'site.delete', object: uri, args });

describe('a site that an undo has left half-way', () => {
  it('can be deleted; its unfinished task is tried once more, then settled whatever became of it', async () => {
    small.site(uri);
    breaks('site.verify', 1000);
    start();
    const verify = await ended(queueTask(small.queue, { type: 'site.verify', object: uri, args: {} }));
    expect(verify.unfinished).toContain('the database is gone');
    expect(refusalOf(small.queue, 'site.set', 'site', uri)?.code).toBe('OBJECT_LOCKED');
    const before = undone;
    expect(await ended(remove())).toMatchObject({ state: 'succeeded' });
    expect(undone).toBeGreaterThan(before);
    expect(findTask(small.db, verify.id)).toMatchObject({ state: 'failed', unfinished: null });
    expect(findSite(small.db, uri)).toBeUndefined();
    small.site(uri);
    expect(refusalOf(small.queue, 'site.verify', 'site', uri)).toBeUndefined();
  });

  it('leaves no backup that nobody knows of: one that was read whole is recorded, of another nothing stays', async () => {
    small.site(uri);
    const { backups } = small.queue.paths;
    const [whole, half] = [`${uri}-20261124T180000Z-aaaa`, `${uri}-20261124T180001Z-bbbb`];
    seedBackupFolder(join(backups, whole), whole);
    mkdirSync(join(backups, half));
    writeFileSync(join(backups, half, 'database.zst'), 'cut');
    breaks('site.verify', 1000);
    for (const name of [whole, half]) {
      const task = queueTask(small.queue, { type: 'site.verify', object: uri, args: {} });
      startTask(small.db, task, contextOf(small.db, small.folder, 'site', uri) as unknown as Json);
      const steps = ['check', 'backup'].map((step) => ({ phase: 'apply' as const, name: step, title: step }));
      insertSteps(small.db, task, steps);
      saveStep(small.db, task, 1, { name });
      markStep(small.db, task, 1, 'done');
      endTask(small.db, task, { state: 'failed' });
    }
    small.db.prepare(`UPDATE task SET unfinished = 'could not undo' WHERE type = 'site.verify'`).run();
    start();
    expect(await ended(remove())).toMatchObject({ state: 'succeeded' });
    expect(readdirSync(backups)).toEqual([whole]);
    expect(listBackups(small.db, uri)).toMatchObject([{ name: whole, kind: 'kept' }]);
  });

  it.each([1000, 2])('can be deleted when it was never whole (%i times it cannot be undone)', async (times) => {
    breaks('site.install', times);
    start();
    const args = { platform: 'one', adminMail: 'a@example.org' };
    const install = await ended(queueTask(small.queue, { type: 'site.install', object: uri, args }));
    expect(install.unfinished).not.toBeNull();
    expect(findSite(small.db, uri)?.state).toBe('installing');
    expect(await ended(remove())).toMatchObject({ state: 'succeeded' });
    expect(findTask(small.db, install.id)?.unfinished).toBeNull();
    expect(findSite(small.db, uri)).toBeUndefined();
  });

  it('cannot while it is still being made', () => {
    queueTask(small.queue, {
      type: 'site.install',
      object: uri,
      args: { platform: 'one', adminMail: 'a@example.org' },
    });
    expect(refusalOf(small.queue, 'site.delete', 'site', uri)?.code).toBe('SITE_INSTALLING');
  });
});

describe('a backup before a delete', () => {
  const always = (): void => {
    mkdirSync(small.queue.paths.etc, { recursive: true });
    writeFileSync(join(small.queue.paths.etc, 'config.json'), '{"sites": {"backupBeforeDelete": "always"}}');
  };

  it('that is always wanted cannot be left out', () => {
    small.site(uri);
    always();
    expect(() => remove({ backup: 'no' })).toThrow(expect.objectContaining({ code: 'BACKUP_WANTED' }));
    expect(findTask(small.db, remove())?.args).toEqual({ backup: 'yes' });
  });

  it('is not made of a site that was never whole', () => {
    const install = queueTask(small.queue, {
      type: 'site.install',
      object: uri,
      args: { platform: 'one', adminMail: 'a@example.org' },
    });
    startTask(small.db, install, contextOf(small.db, small.folder, 'site', uri) as unknown as Json);
    endTask(small.db, install, { state: 'failed', unfinished: 'could not undo' });
    always();
    expect(findTask(small.db, remove())?.args).toEqual({ backup: 'no' });
    expect(listTasks(small.db, { type: 'site.install' })[0]?.recoverRequestedAt).not.toBeNull();
  });

  it('that nobody wants is shown as not needed, and never as done', async () => {
    small.site(uri);
    Object.assign(program.tasks.of('site.delete'), { apply: standardProgram.tasks.of('site.delete').apply });
    start();
    const { id, state } = await ended(remove());
    expect(state).toBe('succeeded');
    const steps = listSteps(small.db, id).filter(({ phase }) => phase === 'apply');
    expect(steps.map((step) => [step.title, step.state, step.note])).toEqual(
      ['Make the folder of the backup', 'Save the database and the files', 'Read the backup back'].map((title) => [
        ...[title, 'notNeeded', 'no backup is wanted'],
      ]),
    );
  });

  it('has as long as any backup', () => {
    const limit = (type: string): number => program.tasks.of(type).timeLimitS;
    expect(limit('site.delete')).toBeGreaterThan(limit('site.backup'));
  });
});
