import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeBackup } from '../../src/db/backups.ts';
import { listSiteLines, sitesRevision } from '../../src/db/lists.ts';
import { saveSchedule } from '../../src/db/schedules.ts';
import { removeSite, updateSite } from '../../src/db/sites.ts';
import { insertTask, saveProgress } from '../../src/db/tasks.ts';
import { seedInventory } from '../support/seed-inventory.ts';

it('the list of sites is told to be new when one of its lines is, and not for the progress of a task', () => {
  const root = mkdtempSync(join(tmpdir(), 'aegir-lists-'));
  const { db, running } = seedInventory(root);
  const [site] = listSiteLines(db);
  const uri = site?.uri ?? '';
  const changes = (work: () => void): boolean => {
    const before = sitesRevision(db);
    work();
    return sitesRevision(db) !== before;
  };
  expect(changes(() => saveProgress(db, running, { step: 's', done: 1, total: 2, unit: 'files' }))).toBe(false);
  expect(changes(() => saveSchedule(db, 1, 'site.cron', { minutes: 30 }))).toBe(false);
  expect(changes(() => saveSchedule(db, 1, 'site.backup', { minutes: 60 }))).toBe(true);
  expect(changes(() => updateSite(db, uri, { state: 'disabled' }))).toBe(true);
  const remove = { type: 'site.delete', objectKind: 'site' as const, objectName: uri };
  expect(changes(() => void insertTask(db, { ...remove, args: {}, secrets: {}, timeLimitS: 1 }))).toBe(true);
  const [backup] = db.prepare<[], string>('SELECT name FROM backup').pluck().all();
  expect(changes(() => removeBackup(db, backup ?? ''))).toBe(true);
  expect(changes(() => removeSite(db, 'wiki.example.test'))).toBe(true);
  db.close();
  rmSync(root, { recursive: true, force: true });
});
