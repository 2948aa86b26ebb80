import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientId } from '../../src/db/clients.ts';
import { openInventory } from '../../src/db/inventory.ts';
import { listSteps, markStep } from '../../src/db/journal.ts';
import { migrations } from '../../src/db/migrations/index.ts';
import { insertPlatform, listPlatforms, sitesOnPlatform } from '../../src/db/platforms.ts';
import { switchRelease } from '../../src/db/releases.ts';
import { saveServer } from '../../src/db/servers.ts';
import { findSite, insertSite, listSites, ownerOfName, removeSite } from '../../src/db/sites.ts';
import { endTask, insertTask } from '../../src/db/task-changes.ts';
import { findTask, taskSecrets } from '../../src/db/tasks.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-db-'));
  file = join(folder, 'inventory.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the inventory', () => {
  it('is readable by its owner alone', () => {
    openInventory(file).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('that a newer program wrote is refused, and left as it is', () => {
    openInventory(file, [...migrations, 'CREATE TABLE later (id INTEGER) STRICT']).close();
    expect(() => openInventory(file)).toThrow(expect.objectContaining({ code: 'INVENTORY_NEWER' }));
  });

  it('that an older program wrote is backed up, then migrated (pain 21)', () => {
    const old = openInventory(file);
    saveServer(old, { name: 'kept', handlePrefix: 'aeg', uidBase: 1, webUser: 'w', services: [] });
    old.close();
    const young = openInventory(file, [...migrations, 'CREATE TABLE later (id INTEGER) STRICT']);
    expect(young.prepare('SELECT name FROM server').pluck().all()).toEqual(['kept']);
    young.close();
    const copy = readdirSync(folder).find((name) => name.startsWith(`inventory.sqlite.v${migrations.length}.`));
    expect(copy).toBeDefined();
    expect(statSync(join(folder, copy ?? '')).mode & 0o777).toBe(0o600);
    const backup = new Database(join(folder, copy ?? ''), { readonly: true });
    expect(backup.prepare('SELECT name FROM server').pluck().all()).toEqual(['kept']);
    backup.close();
  });

  it('of before steps could be not needed keeps its journal, and takes them now', () => {
    const old = openInventory(file, migrations.slice(0, 10));
    const id = insertTask(old, {
      ...{ type: 'site.delete', objectKind: 'site', objectName: 'x', args: {}, secrets: {}, timeLimitS: 1 },
    });
    const insert = `INSERT INTO step (task_id, seq, phase, name, title, state, saved, error, started_at, ended_at)
      VALUES (?, 0, 'apply', 'save', 'Save', 'undone', '{"a":1}', 'broke', '2026-01-01T00:00:00.000Z', NULL)`;
    old.prepare(insert).run(id);
    old.close();
    const now = openInventory(file);
    const before = { phase: 'apply', name: 'save', title: 'Save', saved: { a: 1 }, error: 'broke' };
    expect(listSteps(now, id)).toEqual([
      { seq: 0, ...before, state: 'undone', note: null, startedAt: '2026-01-01T00:00:00.000Z', endedAt: null },
    ]);
    markStep(now, id, 0, 'notNeeded', 'nobody asked for it');
    expect(listSteps(now, id)).toMatchObject([{ state: 'notNeeded', note: 'nobody asked for it', error: 'broke' }]);
    expect(() => now.prepare(`UPDATE step SET state = 'skipped'`).run()).toThrow(/CHECK/);
    now.prepare('DELETE FROM task').run();
    expect(listSteps(now, id)).toEqual([]);
    now.close();
  });

  it('that is no database is told as damaged', () => {
    writeFileSync(file, 'this was an inventory once, and is a text now\n'.repeat(100));
    expect(() => openInventory(file)).toThrow(expect.objectContaining({ code: 'INVENTORY_DAMAGED' }));
  });
});

describe('sites', () => {
  const seeded = () => {
    const db = openInventory(file);
    saveServer(db, { name: 'server_master', handlePrefix: 'aeg', uidBase: 20_000, webUser: 'w', services: [] });
    insertPlatform(db, {
      name: 'code',
      server: 'server_master',
      root: '/srv/code',
      source: 'path:/srv/code',
      managed: false,
    });
    const client = clientId(db, 'admin') ?? 0;
    const add = (uri: string) =>
      insertSite(db, {
        uri,
        platform: 'code',
        clientId: client,
        title: '',
        profile: '',
        language: 'en',
        adminName: 'admin',
        adminMail: 'a@b.c',
        php: {},
        databaseDriver: 'mariadb',
        handlePrefix: 'aeg',
        uidBase: 20_000,
      });
    return { db, add };
  };

  it('use a name once, over URIs and aliases', () => {
    const { db, add } = seeded();
    add('one.example.org');
    const { id } = findSite(db, 'one.example.org') ?? { id: 0 };
    db.prepare(`INSERT INTO site_name (name, site_id, kind) VALUES ('www.example.org', ?, 'alias')`).run(id);
    expect(() => add('www.example.org')).toThrow(/UNIQUE/);
    expect(ownerOfName(db, 'www.example.org')).toBe('one.example.org');
    expect(findSite(db, 'one.example.org')?.aliases).toEqual(['www.example.org']);
    db.close();
  });

  it('are counted where they live, and not where a release of before is kept', () => {
    const { db, add } = seeded();
    const newer = { name: 'newer', server: 'server_master', root: '/srv/newer', source: 'path:/srv/newer' };
    insertPlatform(db, { ...newer, managed: false });
    for (const uri of ['one.example.org', 'two.example.org']) {
      add(uri);
      const { id = 0 } = findSite(db, uri) ?? {};
      switchRelease(db, id, { number: 2, database: 'd', platform: 'newer' }, '2030-01-01T00:00:00.000Z');
    }
    const counted = listPlatforms(db).map(({ name, sites, keptReleases }) => ({ name, sites, keptReleases }));
    expect(counted).toEqual([
      { name: 'code', sites: 0, keptReleases: 2 },
      { name: 'newer', sites: 2, keptReleases: 0 },
    ]);
    expect(listPlatforms(db).map(sitesOnPlatform)).toEqual(['0; 2 can go back to it', '2']);
    db.close();
  });

  it('never get a handle that another one had', () => {
    const { db, add } = seeded();
    expect(add('one.example.org').handle).toBe('aeg1');
    removeSite(db, 'one.example.org');
    expect(add('one.example.org').handle).toBe('aeg2');
    expect(findSite(db, 'one.example.org')).toMatchObject({ uid: 20_002, databaseName: 'aeg2r1' });
    db.close();
  });

  it('are shown as being deleted while a task that does it is open, and as before when it is not', () => {
    const { db, add } = seeded();
    add('one.example.org');
    const id = insertTask(db, {
      type: 'site.delete',
      objectKind: 'site',
      objectName: 'one.example.org',
      args: {},
      secrets: {},
      timeLimitS: 1,
    });
    expect(listSites(db)[0]?.state).toBe('deleting');
    endTask(db, id, { state: 'cancelled' });
    expect(listSites(db)[0]?.state).toBe('installing');
    db.close();
  });
});

it('secrets of a task are gone when it has ended', () => {
  const db = openInventory(file);
  const id = insertTask(db, {
    type: 't',
    objectKind: 'site',
    objectName: 'x',
    args: { open: 1 },
    secrets: { word: 'canary' },
    timeLimitS: 1,
  });
  expect(taskSecrets(db, id)).toEqual({ word: 'canary' });
  endTask(db, id, { state: 'failed' });
  expect(taskSecrets(db, id)).toEqual({});
  expect(JSON.stringify(findTask(db, id))).not.toContain('canary');
  db.close();
});
