import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBackup, listBackups } from '../../src/db/backups.ts';
import { saveSchedule, siteSchedules } from '../../src/db/schedules.ts';
import { findSite, updateSite } from '../../src/db/sites.ts';
import { endTask } from '../../src/db/task-changes.ts';
import { listTasks } from '../../src/db/tasks.ts';
import type { TaskContexts } from '../../src/provision/tasks/model/task.ts';
import { commitTask } from '../../src/worker/commit.ts';
import { contextOf } from '../../src/worker/contexts.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { readRotation } from '../../src/worker/rotation.ts';
import { queueDue } from '../../src/worker/schedules.ts';
import { lastTrouble } from '../../src/worker/trouble.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

const HOUR = 3600_000;
let small: SmallRoot;
beforeEach(() => {
  small = openSmallRoot();
});
afterEach(() => small.remove());

const idOf = (uri: string): number => findSite(small.db, uri)?.id ?? 0;
const byHour = (uri: string, keep: number) =>
  saveSchedule(small.db, idOf(uri), 'site.backup', { minutes: 60, args: { keep } });
const saves = () => listTasks(small.db, { type: 'site.backup' });
const later = (hours: number): number => Date.now() + hours * HOUR;

/** Ends the newest task of a schedule as a backup that was made. */
function saved(uri: string, name: string): void {
  const [task] = saves();
  const of = { platform: 'one', engine: 'spip', version: '1', description: '', bytes: 1, kind: 'rotating' as const };
  const site = { title: '', profile: 'd', language: 'en', admin: { name: 'x', mail: 'x@example.org' } };
  const facts = { ...site, php: {}, aliases: [], web: {} } as never;
  commitTask(
    small.db,
    { id: task?.id ?? 0, objectName: uri },
    { backup: { ...of, name, uri, site: facts } },
    { backup: name },
  );
  endTask(small.db, task?.id ?? 0, { state: 'succeeded' });
}

describe('backups by schedule', () => {
  it('go on though more of them are kept than tasks are, and outlive the task that made them', () => {
    small.site('a.example.org');
    byHour('a.example.org', 30);
    for (let run = 1; run <= 40; run += 1) {
      queueDue(small.queue, later(3 * run));
      saved('a.example.org', `a-${run}`);
    }
    expect(lastTrouble(small.queue.paths)).toBeUndefined();
    expect(listBackups(small.db)).toHaveLength(40);
    expect(findBackup(small.db, 'a-1')?.taskId).toBeNull();
    expect(findBackup(small.db, 'a-40')?.taskId).toBe(saves()[0]?.id);
    expect(saves().length).toBeLessThan(25);
  });

  it('go on when the clock was ahead and is set back, and when the machine was off for long', () => {
    const uri = 'a.example.org';
    small.site(uri);
    byHour(uri, 2);
    const year = 365 * 24;
    queueDue(small.queue, later(year));
    saved(uri, 'a-ahead');
    queueDue(small.queue, Date.now());
    queueDue(small.queue, later(3));
    expect(saves()).toHaveLength(2);
    saved(uri, 'a-now');
    // Once, not for each time that was missed.
    queueDue(small.queue, later(24 * 7));
    queueDue(small.queue, later(24 * 7));
    expect(saves()).toHaveLength(3);
  });

  it('never let the newest go, whatever the clock said', () => {
    const uri = 'a.example.org';
    small.site(uri);
    byHour(uri, 2);
    for (const [run, name] of ['a-1', 'a-2', 'a-3'].entries()) {
      queueDue(small.queue, later(3 * (run + 1)));
      saved(uri, name);
    }
    small.db.prepare(`UPDATE backup SET created_at = '1970-01-01T00:00:00.000Z' WHERE name = 'a-3'`).run();
    const context = contextOf(small.db, small.folder, 'site', uri) as TaskContexts['site'];
    expect(context.backups?.rotating).toEqual(['a-3', 'a-2', 'a-1']);
    expect(readRotation(small.db, uri).goNext).toEqual(['a-2', 'a-1']);
  });

  it('that fail each night take no good one away', () => {
    const uri = 'a.example.org';
    small.site(uri);
    byHour(uri, 1);
    queueDue(small.queue, later(3));
    saved(uri, 'a-good');
    for (let night = 1; night <= 3; night += 1) {
      queueDue(small.queue, later(3 + 2 * night));
      endTask(small.db, saves()[0]?.id ?? 0, { state: 'failed' });
    }
    expect(saves()).toHaveLength(4);
    expect(listBackups(small.db).map(({ name }) => name)).toEqual(['a-good']);
  });

  it('save disabled, locked and damaged sites too; only cron stops for them', () => {
    const uris = ['disabled.example.org', 'failed.example.org', 'locked.example.org'];
    for (const uri of uris) {
      small.site(uri);
      byHour(uri, 7);
    }
    updateSite(small.db, 'disabled.example.org', { state: 'disabled' });
    updateSite(small.db, 'failed.example.org', { state: 'failed' });
    updateSite(small.db, 'locked.example.org', { lockReason: 'audit' });
    queueDue(small.queue, later(24));
    expect(
      saves()
        .map(({ objectName }) => objectName)
        .sort(),
    ).toEqual(uris);
    expect(listTasks(small.db, { type: 'site.cron' })).toEqual([]);
  });

  it('of one site that cannot be queued keep no other from being saved, and it is said where', () => {
    for (const uri of ['a.example.org', 'b.example.org']) {
      small.site(uri);
      byHour(uri, 7);
    }
    // A row that is damaged.
    small.db
      .prepare('UPDATE schedule SET task_type = ? WHERE site_id = ? AND task_type = ?')
      .run('site.nothing', idOf('a.example.org'), 'site.backup');
    small.db.exec(`CREATE TRIGGER broken BEFORE INSERT ON task WHEN NEW.type = 'site.cron'
      BEGIN SELECT RAISE(ABORT, 'the queue is broken'); END`);
    queueDue(small.queue, later(24));
    expect(saves().map(({ objectName }) => objectName)).toEqual(['b.example.org']);
    expect(lastTrouble(small.queue.paths)?.text).toMatch(/site\.cron [ab]\.example\.org.*the queue is broken/);
    // Not tried again every five seconds.
    for (const { dueAt } of siteSchedules(small.db, idOf('b.example.org'))) {
      expect(Date.parse(dueAt)).toBeGreaterThan(later(23));
    }
  });

  it('that are refused are told: nobody finds out otherwise', () => {
    small.site('a.example.org');
    byHour('a.example.org', 7);
    const [task] = listTasks(small.db, { type: 'site.install' });
    small.db.prepare("UPDATE task SET unfinished = 'could not undo' WHERE id = ?").run(task?.id);
    queueDue(small.queue, later(24));
    expect(lastTrouble(small.queue.paths)?.text).toContain('site a.example.org is locked');
    // Said once while it lasts.
    const first = lastTrouble(small.queue.paths)?.at;
    queueDue(small.queue, later(48));
    expect(lastTrouble(small.queue.paths)?.at).toBe(first);
    writeFileSync(join(small.folder, 'logs/worker.log'), 'not a line of ours\n');
    expect(lastTrouble(small.queue.paths)).toBeUndefined();
  });

  it('have a number that stay only where there is a schedule', () => {
    small.site('a.example.org');
    const set = (args: Record<string, unknown>) => () =>
      queueTask(small.queue, { type: 'site.set', object: 'a.example.org', args });
    for (const args of [{ keep: 5 }, { keep: 5, backupHours: 0 }]) {
      expect(set(args)).toThrow(expect.objectContaining({ code: 'NO_SCHEDULE', field: 'keep' }));
    }
    expect(set({ keep: 5, backupHours: 24 })).not.toThrow();
    byHour('a.example.org', 7);
    endTask(small.db, listTasks(small.db, { type: 'site.set' })[0]?.id ?? 0, { state: 'succeeded' });
    expect(set({ keep: 5 })).not.toThrow();
  });
});
