import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { openInventory } from '../../src/db/inventory.ts';
import { migrations } from '../../src/db/migrations/index.ts';
import { insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { findSite, removeSite } from '../../src/db/sites.ts';
import { endTask, markCommitted, startTask } from '../../src/db/task-changes.ts';
import { commitTask } from '../../src/worker/commit.ts';
import { removeCreated } from '../../src/worker/creations.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { addUnknownBackups, planRebuild } from '../../src/worker/rebuild.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

let small: SmallRoot;
beforeEach(() => {
  small = openSmallRoot();
});
afterEach(() => small.remove());

interface Saved {
  uri: string;
  /** `2026-01-02` */
  day: string;
  home?: string;
  made?: string;
  description?: string;
}

/** A backup as its folder says it. */
function saved({ uri, day, home = `/var/aegir/sites/${uri}`, made = '', description = '' }: Saved): string {
  const name = `${uri}-${day.replaceAll('-', '')}T000000Z-0a1b`;
  const part = { bytes: 1, fileBytes: 1, sha256: '' };
  const site = {
    ...{ uri, aliases: [], title: uri, profile: 'd', language: 'en', client: 'admin', home, createdAt: made },
    ...{ admin: { name: 'a', mail: 'a@example.org' }, php: {}, web: {}, url: `http://${uri}` },
  };
  const manifest = {
    ...{ format: 1, name, createdAt: `${day}T00:00:00.000Z`, description, site, databaseDriver: 'mariadb' },
    platform: { name: 'one', engine: 'spip', version: '1', source: 'path:/srv/one' },
    ...{ packages: [], database: part, files: part, settings: {} },
  };
  const folder = join(small.queue.paths.backups, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return name;
}

/** A site as it is on the machine too. */
function site(uri: string): void {
  small.site(uri);
  mkdirSync(homeOf(uri), { recursive: true });
}

const homeOf = (uri: string): string => join(small.queue.paths.sites, findSite(small.db, uri)?.handle ?? '');

function remove(uri: string): void {
  const id = queueTask(small.queue, { type: 'site.delete', object: uri, args: { backup: 'no' } });
  startTask(small.db, id, {});
  removeSite(small.db, uri);
  markCommitted(small.db, id, {});
  endTask(small.db, id, { state: 'succeeded' });
}

const plan = async (named?: string[]) => {
  const { sites, deleted, young } = await planRebuild(small.queue, named);
  return { sites: sites.map(({ uri, backup }) => `${uri} of ${backup}`), deleted, young };
};

describe('the backups of a site that is renamed', () => {
  it('are listed under its new name, rotate with it, and make no lost site of the old one', async () => {
    site('old.example.org');
    saved({ uri: 'old.example.org', day: '2026-01-01' });
    addUnknownBackups(small.queue, await planRebuild(small.queue));
    commitTask(
      small.db,
      { id: 1, objectName: 'old.example.org' },
      { site: { names: { uri: 'new.example.org', aliases: [] } } },
      {},
    );
    expect(listBackups(small.db, 'old.example.org')).toEqual([]);
    expect(listBackups(small.db, 'new.example.org')).toHaveLength(1);
    expect(await plan()).toEqual({ sites: [], deleted: [], young: false });
    // Another site may have the name then.
    site('old.example.org');
    expect(listBackups(small.db, 'old.example.org')).toEqual([]);
  });

  it('are known as its own when the inventory has not seen them', async () => {
    site('new.example.org');
    const { handle = '', createdAt = '' } = findSite(small.db, 'new.example.org') ?? {};
    saved({ uri: 'old.example.org', day: '2026-01-01', home: `/var/aegir/sites/${handle}`, made: createdAt });
    addUnknownBackups(small.queue, await planRebuild(small.queue));
    expect(listBackups(small.db, 'new.example.org')).toHaveLength(1);
  });

  it('make one site again where nothing but they are left: under its last name', async () => {
    const same = { home: '/var/aegir/sites/aeg1', made: '2025-01-01T00:00:00.000Z' };
    saved({ uri: 'old.example.org', day: '2026-01-01', ...same });
    const newest = saved({ uri: 'new.example.org', day: '2026-01-02', ...same });
    // Of another machine, or made later under the same number.
    const other = saved({ uri: 'other.example.org', day: '2026-01-01', home: same.home, made: '2026-01-01T00:00:00Z' });
    expect((await plan()).sites).toEqual([`new.example.org of ${newest}`, `other.example.org of ${other}`]);
  });

  it('are found again in an inventory of an older version', () => {
    const file = join(small.folder, 'old.sqlite');
    const first = openInventory(file, migrations.slice(0, 5));
    first.exec(`
      INSERT INTO task (id, type, object_kind, object_name, args, state, time_limit_s, queued_at)
        VALUES (1, 'site.backup', 'site', 'new.example.org', '{}', 'succeeded', 1, 'now');
      INSERT INTO backup (name, uri, platform, engine, version, description, bytes, created_at, task_id)
        VALUES ('one', 'old.example.org', 'p', 'e', '1', '', 1, 'now', 1),
               ('two', 'far.example.org', 'p', 'e', '1', '', 1, 'now', NULL);`);
    first.close();
    const now = openInventory(file);
    expect(listBackups(now).map(({ uri }) => uri)).toEqual(['far.example.org', 'new.example.org']);
    now.close();
  });
});

describe('sites that were deleted', () => {
  it('without a last backup stay so, until they are named', async () => {
    site('gone.example.org');
    const name = saved({ uri: 'gone.example.org', day: '2026-01-01' });
    remove('gone.example.org');
    expect(await plan()).toMatchObject({ sites: [], deleted: ['gone.example.org'] });
    expect((await plan(['gone.example.org'])).sites).toEqual([`gone.example.org of ${name}`]);
  });

  it('are not known to an inventory that is younger than their backups, which is said', async () => {
    const name = saved({ uri: 'gone.example.org', day: '2026-01-01' });
    expect(await plan()).toEqual({ sites: [`gone.example.org of ${name}`], deleted: [], young: true });
    small.db.prepare("UPDATE server SET created_at = '2025-01-01T00:00:00.000Z'").run();
    expect((await plan()).young).toBe(false);
  });
});

describe('sites that the inventory knows and this machine has lost', () => {
  it('are made again as what they are, on their platform; those without a backup are named', async () => {
    const platform = { name: 'built', server: 'server_master', root: `${small.folder}/platforms/built` };
    insertPlatform(small.db, { ...platform, source: 'debian:spip', managed: true });
    updatePlatform(small.db, 'built', { state: 'ready', engine: 'spip', version: '1', profiles: [] });
    for (const uri of ['a.example.org', 'b.example.org', 'whole.example.org']) site(uri);
    small.db.prepare("UPDATE release SET platform_id = (SELECT id FROM platform WHERE name = 'built')").run();
    for (const uri of ['a.example.org', 'whole.example.org']) saved({ uri, day: '2030-01-01' });
    for (const uri of ['a.example.org', 'b.example.org']) rmSync(homeOf(uri), { recursive: true });
    expect(await planRebuild(small.queue)).toMatchObject({
      platforms: [{ name: 'built', source: 'debian:spip', again: true }],
      sites: [{ uri: 'a.example.org', platform: 'built', client: 'admin', again: true }],
      lost: ['b.example.org'],
      deleted: [],
      young: false,
    });
    expect(await planRebuild(small.queue, ['whole.example.org'])).toMatchObject({ sites: [], lost: [] });
  });

  it('keep their row: it is there before and after, and nothing else takes its place', async () => {
    site('a.example.org');
    const name = saved({ uri: 'a.example.org', day: '2030-01-01' });
    addUnknownBackups(small.queue, await planRebuild(small.queue));
    const again = (object: string, platform = 'one') => {
      const args = { backup: name, platform, again: true };
      return queueTask(small.queue, { type: 'site.import', object, args });
    };
    const before = findSite(small.db, 'a.example.org');
    expect(() => again('none.example.org')).toThrow(expect.objectContaining({ code: 'NO_SUCH_OBJECT' }));
    expect(() => again('a.example.org', 'two')).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
    removeCreated(small.db, 'site', 'a.example.org');
    expect(again('a.example.org')).toBeGreaterThan(0);
    expect(findSite(small.db, 'a.example.org')).toEqual(before);
  });
});
