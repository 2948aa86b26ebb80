import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertBackup } from '../../src/db/backups.ts';
import { findClient } from '../../src/db/clients.ts';
import { openInventory } from '../../src/db/inventory.ts';
import { migrations } from '../../src/db/migrations/index.ts';
import { dueSchedules, saveSchedule, siteSchedules } from '../../src/db/schedules.ts';
import { findSite, listSites, updateSite } from '../../src/db/sites.ts';
import { endTask } from '../../src/db/task-changes.ts';
import { listTasks } from '../../src/db/tasks.ts';
import { addClient, checkQuota, deleteClient, editClient } from '../../src/worker/clients.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { readRotation } from '../../src/worker/rotation.ts';
import { queueDue } from '../../src/worker/schedules.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

let small: SmallRoot;
let { folder, db, queue, site } = {} as SmallRoot;
const MINUTE = 60_000;

beforeEach(() => {
  small = openSmallRoot();
  ({ folder, db, queue, site } = small);
});
afterEach(() => small.remove());

const crons = () => listTasks(db, { type: 'site.cron' });
const dueAt = (uri: string): number => Date.parse(siteSchedules(db, findSite(db, uri)?.id ?? 0)[0]?.dueAt ?? '');

describe('the cron of sites', () => {
  it('comes every 15 minutes unless said, and not for all sites in one minute', () => {
    const uris = Array.from({ length: 30 }, (_, place) => `s${place}.example.org`);
    for (const uri of uris) site(uri);
    const dues = uris.map(dueAt);
    for (const due of dues) expect(due - Date.now()).toBeGreaterThan(14 * MINUTE);
    for (const due of dues) expect(due - Date.now()).toBeLessThan(31 * MINUTE);
    expect(new Set(dues.map((due) => Math.floor(due / MINUTE))).size).toBeGreaterThan(10);
  });

  it('is queued once when its time comes, then in the same rhythm, and what was missed is not made up for', () => {
    site('a.example.org');
    const due = dueAt('a.example.org');
    queueDue(queue, due - 1);
    expect(crons()).toEqual([]);
    queueDue(queue, due);
    queueDue(queue, due + 1);
    expect(crons()).toMatchObject([{ objectName: 'a.example.org', queuedBy: 'schedule' }]);
    expect(dueAt('a.example.org')).toBe(due + 15 * MINUTE);
    queueDue(queue, due + 100 * MINUTE);
    expect(dueAt('a.example.org')).toBe(due + 105 * MINUTE);
    expect(crons()).toHaveLength(1);
  });

  it('stops for sites that are disabled or locked, and for those without a schedule', () => {
    for (const uri of ['a.example.org', 'b.example.org', 'c.example.org']) site(uri);
    updateSite(db, 'a.example.org', { state: 'disabled' });
    updateSite(db, 'b.example.org', { lockReason: 'audit' });
    saveSchedule(db, findSite(db, 'c.example.org')?.id ?? 0, 'site.cron', { minutes: 0 });
    queueDue(queue, Date.now() + 1000 * MINUTE);
    expect(crons()).toEqual([]);
  });

  it('of sites at rest costs nothing between its times: each is passed over once, in its rhythm', () => {
    for (let number = 0; number < 50; number += 1) site(`s${number}.example.org`);
    db.exec(`UPDATE site SET state = 'disabled' WHERE id % 2 = 0`);
    db.exec(`UPDATE site SET lock_reason = 'audit' WHERE id % 2 = 1`);
    const due = dueAt('s7.example.org');
    const later = due + 100 * MINUTE;
    const before = db.prepare<[], number>('SELECT total_changes()').pluck();
    queueDue(queue, later);
    expect(dueAt('s7.example.org')).toBe(due + 105 * MINUTE);
    expect(dueSchedules(db, new Date(later).toISOString())).toEqual([]);
    const changes = before.get();
    queueDue(queue, later + 1000);
    expect(before.get()).toBe(changes);
    expect(crons()).toEqual([]);
  });

  it('leaves its newest runs behind, and takes the logs of older ones away', () => {
    site('a.example.org');
    mkdirSync(queue.paths.taskLogs, { recursive: true });
    const logs: string[] = [];
    for (let run = 0; run < 25; run += 1) {
      queueDue(queue, dueAt('a.example.org'));
      const [task] = crons();
      const log = join(queue.paths.taskLogs, `${task?.id}.ndjson`);
      writeFileSync(log, '');
      logs.push(log);
      endTask(db, task?.id ?? 0, { state: 'succeeded' });
    }
    queueDue(queue, dueAt('a.example.org'));
    expect(crons()).toHaveLength(21);
    expect(logs.map((log) => existsSync(log))).toEqual([...Array(5).fill(false), ...Array(20).fill(true)]);
  });

  it('is planned for the sites of an older inventory too', () => {
    const file = join(folder, 'old.sqlite');
    const first = openInventory(file, migrations.slice(0, 1));
    first.exec(`
      INSERT INTO server VALUES (1, 'server_master', 'aeg', 20000, 'w', 'now', NULL);
      INSERT INTO client VALUES (1, 'admin', '', 'now');
      INSERT INTO platform VALUES (1, 'one', 1, '/srv/one', '', 'path:/srv/one', 0, 'spip', '1', '[]', 'ready', NULL, 'now', NULL);
      INSERT INTO handle VALUES (1, 'aeg1', 20001, 'a.example.org', 'now');
      INSERT INTO site VALUES (7, 'aeg1', 1, 'A', 'd', 'en', 'admin', 'a@b.c', '{}', 'enabled', NULL, NULL, 'now', NULL);
      INSERT INTO site_name (name, site_id, kind) VALUES ('a.example.org', 7, 'uri');
      INSERT INTO release (site_id, number, platform_id, database_driver, database_name, state, created_at)
        VALUES (7, 1, 1, 'mariadb', 'aeg1r1', 'current', 'now');`);
    first.close();
    const old = openInventory(file);
    expect(listSites(old)).toMatchObject([{ uri: 'a.example.org', web: {} }]);
    expect(siteSchedules(old, 7)).toMatchObject([{ taskType: 'site.cron', minutes: 15 }]);
    expect(Date.parse(siteSchedules(old, 7)[0]?.dueAt ?? '')).toBeGreaterThan(Date.now());
    old.close();
  });
});

it('of backups by schedule is said when the next is due and which go with it; those made by hand stay', () => {
  for (const uri of ['a.example.org', 'b.example.org']) {
    site(uri);
    const keep = { minutes: 60, args: { keep: 2 } };
    if (uri.startsWith('a')) saveSchedule(db, findSite(db, uri)?.id ?? 0, 'site.backup', keep);
    for (const [number, kind] of (['rotating', 'kept', 'rotating', 'rotating', 'safety'] as const).entries()) {
      const of = { platform: 'one', engine: 'spip', version: '1', description: '', bytes: 1, taskId: null };
      const about = { title: '', profile: 'd', language: 'en', admin: { name: 'x', mail: 'x@example.org' }, php: {} };
      insertBackup(db, { ...of, name: `${uri}-${number}`, uri, kind, site: about });
    }
  }
  const { due, goNext } = readRotation(db);
  expect(due.map(({ uri }) => uri)).toEqual(['a.example.org']);
  expect(Date.parse(due[0]?.at ?? '')).toBeGreaterThan(Date.now());
  expect(goNext).toEqual(['a.example.org-2', 'a.example.org-0']);
  expect(readRotation(db, 'b.example.org')).toEqual({ due: [], goNext: [] });
});

describe('clients', () => {
  it('have names once, and are removed only when no site is theirs', () => {
    addClient(queue, 'Ann', { mail: 'ann@example.org' });
    expect(() => addClient(queue, 'Ann', {})).toThrow(/exists already/);
    expect(() => addClient(queue, '../x', {})).toThrow(/cannot be the name/);
    expect(() => addClient(queue, 'Bob', { mail: 'nothing' })).toThrow(/not an e-mail address/);
    site('a.example.org', 'Ann');
    expect(() => deleteClient(queue, 'Ann')).toThrow(/has sites: a.example.org/);
    editClient(queue, 'Ann', { rename: 'Anna' });
    expect(findSite(db, 'a.example.org')?.client).toBe('Anna');
    expect(() => deleteClient({ ...queue, readOnly: true }, 'Anna')).toThrow(/read-only/);
  });

  it('get no more sites than their quota says, nor the sites of others', () => {
    addClient(queue, 'Ann', { maxSites: 1 });
    site('a.example.org', 'Ann');
    expect(() => site('b.example.org', 'Ann')).toThrow(/may have 1 sites and has 1/);
    expect(findSite(db, 'b.example.org')).toBeUndefined();
    site('c.example.org');
    const give = { type: 'site.set', object: 'c.example.org', args: { client: 'Ann' } };
    expect(() => queueTask(queue, give)).toThrow(/may have 1 sites/);
    editClient(queue, 'Ann', { maxSites: 0 });
    expect(findClient(db, 'Ann')?.maxSites).toBeNull();
    expect(queueTask(queue, give)).toBeGreaterThan(0);
  });

  it('get no more room than their quota says', () => {
    addClient(queue, 'Ann', { maxDiskMb: 8 });
    site('a.example.org', 'Ann');
    expect(() => checkQuota(db, 'Ann', 2_000_000)).not.toThrow();
    expect(() => checkQuota(db, 'Ann', 4_000_000)).toThrow(/may use 8 MB and uses 9 MB/);
    updateSite(db, 'a.example.org', { diskBytes: 9_000_000 });
    expect(() => site('b.example.org', 'Ann')).toThrow(expect.objectContaining({ code: 'QUOTA_REACHED' }));
  });

  it('get no copy and no site of a backup for which there is no room', () => {
    site('a.example.org');
    const facts = { title: '', profile: 'd', language: 'en', admin: { name: 'x', mail: 'x@example.org' }, php: {} };
    const of = { uri: 'a.example.org', platform: 'one', engine: 'spip', version: '1', description: '', taskId: null };
    insertBackup(db, { ...of, name: 'one', kind: 'kept', site: { ...facts, filesBytes: 5_000_000 }, bytes: 1_000_000 });
    addClient(queue, 'Ann', { maxDiskMb: 4 });
    const clone = { type: 'site.clone', object: 'b.example.org', args: { source: 'a.example.org', client: 'Ann' } };
    const args = { backup: 'one', platform: 'one', client: 'Ann' };
    const take = { type: 'site.import', object: 'c.example.org', args };
    for (const request of [clone, take]) {
      expect(() => queueTask(queue, request)).toThrow(/may use 4 MB and uses 5 MB/);
      expect(findSite(db, request.object)).toBeUndefined();
    }
    editClient(queue, 'Ann', { maxDiskMb: 6 });
    expect(queueTask(queue, clone)).toBeGreaterThan(0);
    // The first is counted though it has not begun.
    expect(() => queueTask(queue, take)).toThrow(/may use 6 MB and uses 10 MB/);
    editClient(queue, 'Ann', { maxDiskMb: 11 });
    expect(queueTask(queue, take)).toBeGreaterThan(0);
  });
});
