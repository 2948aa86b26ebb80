import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openInventory } from '../../src/db/inventory.ts';
import { findSite, insertSite, listSites, removeSite } from '../../src/db/sites.ts';
import { insertTask } from '../../src/db/task-changes.ts';
import { findTask, openTasks } from '../../src/db/tasks.ts';
import { backupInventory, inventoryBackups } from '../../src/worker/inventory-backup.ts';
import { planInventoryRestore, restoreInventory } from '../../src/worker/inventory-restore.ts';
import { tryWorkerLock } from '../../src/worker/worker-lock.ts';
import { type Seeded, seedInventory } from '../support/seed-inventory.ts';

let root: string;
let seeded: Seeded;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aegir-restore-'));
  seeded = seedInventory(root);
});
afterEach(() => {
  seeded.db.close();
  rmSync(root, { recursive: true, force: true });
});

const asked = () => ({
  paths: seeded.paths,
  actor: { actor: 'root', sudoUser: null, sshClient: null },
  readOnly: false,
});
const uris = (): string[] => listSites(seeded.db).map(({ uri }) => uri);
const addSite = (uri: string) =>
  insertSite(seeded.db, {
    ...{ uri, platform: 'wp-6.8', clientId: 1, title: '', profile: '', language: 'en', adminName: 'admin' },
    ...{ adminMail: 'a@b.c', php: {}, databaseDriver: 'mariadb', handlePrefix: 'aegtest', uidBase: 60_000 },
  });

describe('going back to a copy of the inventory', () => {
  it('says what it would mean, brings it back, and saves what was there', async () => {
    const copy = await backupInventory(seeded.db, seeded.paths);
    removeSite(seeded.db, 'blog.example.test');
    addSite('late.example.test');
    const plan = await planInventoryRestore(seeded.paths, basename(copy));
    expect(plan).toMatchObject({
      damaged: '',
      forgotten: ['late.example.test'],
      returning: ['blog.example.test'],
      open: [{ id: seeded.running, type: 'site.verify', object: 'new.example.test' }],
    });
    expect(uris()).toContain('late.example.test');

    const { saved } = await restoreInventory(asked(), basename(copy));
    // This connection was open all the time, as a console's is.
    expect(uris()).toContain('blog.example.test');
    expect(uris()).not.toContain('late.example.test');
    const before = openInventory(saved);
    expect(findSite(before, 'late.example.test')).toBeDefined();
    before.close();
    expect(readdirSync(root).filter((name) => name.startsWith('.inventory-'))).toEqual([]);
  });

  it('goes on with no task of then, and gives no number twice', async () => {
    const copy = await backupInventory(seeded.db, seeded.paths);
    const late = addSite('late.example.test');
    const task = insertTask(seeded.db, {
      ...{ type: 'site.verify', objectKind: 'site', objectName: 'x', args: {}, secrets: {}, timeLimitS: 1 },
    });
    await restoreInventory(asked(), basename(copy));
    expect(openTasks(seeded.db)).toEqual([]);
    expect(findTask(seeded.db, seeded.running)).toMatchObject({
      state: 'cancelled',
      error: { code: 'INVENTORY_RESTORED' },
    });
    expect(addSite('later.example.test').handle).not.toBe(late.handle);
    const next = insertTask(seeded.db, {
      ...{ type: 'site.verify', objectKind: 'site', objectName: 'x', args: {}, secrets: {}, timeLimitS: 1 },
    });
    expect(next).toBeGreaterThan(task);
  });

  it('works where the inventory is damaged, which stays beside it', async () => {
    const copy = await backupInventory(seeded.db, seeded.paths);
    const before = uris();
    seeded.db.close();
    writeFileSync(seeded.paths.inventory, 'this was an inventory once\n'.repeat(200));
    expect((await planInventoryRestore(seeded.paths, copy)).damaged).toContain('not an intact SQLite database');
    const { saved } = await restoreInventory(asked(), copy);
    expect(readFileSync(saved, 'utf8')).toContain('this was an inventory once');
    expect(statSync(seeded.paths.inventory).mode & 0o777).toBe(0o600);
    seeded.db = openInventory(seeded.paths.inventory);
    expect(uris()).toEqual(before);
  });

  it('is refused while another process is the worker, for a copy that is damaged, and for none', async () => {
    const copy = await backupInventory(seeded.db, seeded.paths);
    const lock = tryWorkerLock(seeded.paths.workerLock);
    await expect(restoreInventory(asked(), copy)).rejects.toMatchObject({ code: 'WORKER_RUNS' });
    lock?.release();
    await expect(restoreInventory({ ...asked(), readOnly: true }, copy)).rejects.toMatchObject({ code: 'READ_ONLY' });
    writeFileSync(copy, 'no more');
    await expect(restoreInventory(asked(), copy)).rejects.toMatchObject({ code: 'INVENTORY_DAMAGED' });
    await expect(restoreInventory(asked(), 'none')).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT' });
    expect(inventoryBackups(seeded.paths)).toHaveLength(1);
    expect(readdirSync(join(seeded.paths.backups, 'inventory'))).toEqual([basename(copy)]);
  });
});
