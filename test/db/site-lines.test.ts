import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeBackup } from '../../src/db/backups.ts';
import { transact } from '../../src/db/inventory.ts';
import { saveSchedule } from '../../src/db/schedules.ts';
import { listSiteLines, refreshSites, type SiteList } from '../../src/db/site-lines.ts';
import { findSite, removeSite, renameSite, updateSite } from '../../src/db/sites.ts';
import { endTask, insertTask, saveProgress } from '../../src/db/task-changes.ts';
import { type Seeded, seedInventory } from '../support/seed-inventory.ts';

const nothing: SiteList = { platform: undefined, revision: -1, lines: [] };
let root = '';
let seeded: Seeded;
let list: SiteList;
let ofPlatform: SiteList;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aegir-lists-'));
  seeded = seedInventory(root, { sites: 40 });
  list = refreshSites(seeded.db, nothing);
  ofPlatform = refreshSites(seeded.db, nothing, 'wp-6.8');
});
afterEach(() => {
  seeded.db.close();
  rmSync(root, { recursive: true, force: true });
});

/** Does something, brings the lists up to date, and says which lines were read again; all lines are as when read whole. */
function changedBy(work: () => unknown): string[] {
  const before = new Set(list.lines);
  work();
  list = refreshSites(seeded.db, list);
  ofPlatform = refreshSites(seeded.db, ofPlatform, 'wp-6.8');
  expect(list.lines).toEqual(listSiteLines(seeded.db));
  expect(ofPlatform.lines).toEqual(listSiteLines(seeded.db, { platform: 'wp-6.8' }));
  return list.lines.filter((line) => !before.has(line)).map((line) => line.uri);
}

describe('a list of sites that is brought up to date', () => {
  const uri = 'blog.example.test';
  const id = (): number => findSite(seeded.db, uri)?.id ?? 0;

  it('is not read again for what it does not show', () => {
    const { db, running } = seeded;
    expect(changedBy(() => saveProgress(db, running, { step: 's', done: 1, total: 2, unit: 'files' }))).toEqual([]);
    expect(changedBy(() => endTask(db, running, { state: 'succeeded' }))).toEqual([]);
    expect(changedBy(() => saveSchedule(db, id(), 'site.cron', { minutes: 30 }))).toEqual([]);
    expect(changedBy(() => updateSite(db, uri, { diskBytes: 4711 }))).toEqual([]);
    const { revision } = list;
    expect(refreshSites(db, list)).toBe(list);
    expect(list.revision).toBe(revision);
  });

  it('reads the site alone whose line is another', () => {
    const { db } = seeded;
    expect(changedBy(() => updateSite(db, uri, { state: 'disabled' }))).toEqual([uri]);
    expect(changedBy(() => updateSite(db, uri, { lockReason: 'broken' }))).toEqual([uri]);
    expect(changedBy(() => saveSchedule(db, id(), 'site.backup', { minutes: 60 }))).toEqual([uri]);
    expect(changedBy(() => db.prepare('DELETE FROM schedule').run())).toEqual([uri]);
    const task = { objectKind: 'site' as const, objectName: uri, args: {}, secrets: {}, timeLimitS: 1 };
    let deletion = 0;
    expect(
      changedBy(() => {
        deletion = insertTask(db, { ...task, type: 'site.delete' });
      }),
    ).toEqual([uri]);
    expect(changedBy(() => endTask(db, deletion, { state: 'cancelled' }))).toEqual([uri]);
    expect(
      changedBy(() =>
        db.prepare(`UPDATE release SET platform_id = (SELECT max(id) FROM platform) WHERE site_id = ?`).run(id()),
      ),
    ).toEqual([uri]);
    const [backup] = db.prepare<[], { name: string; uri: string }>('SELECT name, uri FROM backup').all();
    expect(changedBy(() => removeBackup(db, backup?.name ?? ''))).toEqual([backup?.uri]);
  });

  it('takes in sites that are new, have another name or are gone', () => {
    const { db } = seeded;
    expect(changedBy(() => renameSite(db, uri, { uri: 'zoo.example.test', aliases: [uri] }))).toEqual([
      'zoo.example.test',
    ]);
    expect(changedBy(() => renameSite(db, 'zoo.example.test', { uri: 'aaa.example.test', aliases: [] }))).toEqual([
      'aaa.example.test',
    ]);
    expect(changedBy(() => removeSite(db, 'wiki.example.test'))).toEqual([]);
    expect(list.lines.map((line) => line.uri)).not.toContain('wiki.example.test');
  });

  it('is read whole where more has changed than is noted, or the name of a client that many have', () => {
    const { db } = seeded;
    changedBy(() =>
      transact(db, () => {
        for (let time = 0; time < 1200; time += 1) updateSite(db, uri, { state: time % 2 ? 'enabled' : 'disabled' });
        removeSite(db, 'wiki.example.test');
      }),
    );
    expect(Number(db.prepare('SELECT count(*) FROM site_change').pluck().get())).toBe(1000);
    const [line] = list.lines;
    expect(changedBy(() => db.prepare(`UPDATE client SET name = 'other' WHERE name = ?`).run(line?.client))).toContain(
      line?.uri,
    );
  });
});
