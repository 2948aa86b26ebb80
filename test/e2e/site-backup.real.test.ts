import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { siteSchedules } from '../../src/db/schedules.ts';
import { findSite } from '../../src/db/sites.ts';
import { currentActor } from '../../src/worker/actor.ts';
import { checkBackup, deleteBackup } from '../../src/worker/backups.ts';
import { serverContextOf } from '../../src/worker/contexts.ts';
import { localDeps } from '../../src/worker/local-deps.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { openStackRoot, type StackRoot } from '../support/inventory.ts';
import { debianTree } from '../support/platforms.ts';
import { done, runTask } from '../support/run-task.ts';
import { startStack } from '../support/stack.ts';
import { startTestTrial } from '../support/trial.ts';

interface Place {
  root: StackRoot;
  page(name: string): Promise<{ status: number; body: string }>;
  stop(): Promise<void>;
}

async function server(): Promise<Place> {
  const stack = await startStack();
  const root = openStackRoot(stack);
  const stop = async (): Promise<void> => {
    root.inventory.close();
    await stack.stop();
  };
  return { root, page: (name) => stack.fetch(`${name}:${stack.port}`, '/'), stop };
}

async function trial(): Promise<Place> {
  const made = await startTestTrial('local');
  const { root: open } = made;
  const root = { ...open, queue: { ...open, actor: currentActor({}), readOnly: false }, deps: localDeps(open) };
  return { root, page: (name) => made.fetch(name, '/'), stop: made.stop };
}

describe.each([
  { title: 'on a server', begin: server },
  { title: 'of a trial', begin: trial },
])('a backup of a site $title', ({ begin }) => {
  let place: Place;
  const uri = 'saved.example.test';
  const install = { platform: 'code', title: 'First', adminMail: 'a@example.test' };
  const run = (type: string, args: Record<string, unknown> = {}) => runTask(place.root, `site.${type}`, uri, args);
  const home = (): string => join(place.root.paths.sites, findSite(place.root.inventory, uri)?.handle ?? '');
  const newest = (): string => listBackups(place.root.inventory, uri)[0]?.name ?? '';
  const folder = (name: string): string => join(place.root.paths.backups, name);
  /** Changes the name of the site in its database, as its administrator would. */
  const retitle = (title: string): void => {
    const site = findSite(place.root.inventory, uri);
    const sql = `UPDATE spip_meta SET valeur = '${title}' WHERE nom = 'nom_site'`;
    const { services } = serverContextOf(place.root.inventory, place.root.paths.root, 'server_master');
    const db = services.find(({ kind }) => kind === 'db');
    if (db?.driver === 'mariadb') {
      execFileSync('mariadb', ['--socket', String(db.settings.socket), String(site?.databaseName), '-e', sql]);
    } else {
      const file = join(home(), `releases/${site?.release}/database/site.sqlite`);
      execFileSync('php', ['-r', `(new PDO("sqlite:$argv[1]"))->exec($argv[2]);`, file, sql]);
    }
    // What SPIP has kept of it.
    for (const cache of ['meta_cache.php', 'cache']) {
      execFileSync('rm', ['-rf', join(home(), `releases/${site?.release}/tmp`, cache)]);
    }
  };

  beforeAll(async () => {
    place = await begin();
    const from = `path:${await debianTree(place.root.paths.root, 'spip', 'trixie')}`;
    expect(await runTask(place.root, 'platform.add', 'code', { from })).toMatchObject(done);
    expect(await run('install', { platform: 'code', title: 'First', adminMail: 'a@example.test' })).toMatchObject(done);
    const files = join(home(), 'data/files/IMG');
    writeFileSync(join(files, 'picture.txt'), 'a picture');
    const { uid, gid } = statSync(files);
    execFileSync('chown', [`${uid}:${gid}`, join(files, 'picture.txt')]);
  }, 240_000);
  afterAll(() => place?.stop());

  it('is made while the site goes on, read back, and told', async () => {
    expect(await run('backup', { description: 'the first' })).toMatchObject(done);
    const [backup] = listBackups(place.root.inventory, uri);
    expect(backup).toMatchObject({ uri, engine: 'spip', description: 'the first' });
    expect(backup?.bytes).toBeGreaterThan(10_000);
    expect(readdirSync(folder(newest())).sort()).toEqual(['database.zst', 'files.tar.zst', 'manifest.json']);
    expect(statSync(folder(newest())).mode & 0o777).toBe(0o700);
    await checkBackup(place.root.queue, newest());
    expect((await place.page(uri)).body).toContain('First');
  });

  it('brings the site back as it was: content, files, keys; and what was there is saved first', async () => {
    const backup = newest();
    const keys = readFileSync(join(home(), 'releases/1/config/cles.php'), 'utf8');
    retitle('Second');
    writeFileSync(join(home(), 'data/files/IMG/later.txt'), 'later');
    execFileSync('rm', [join(home(), 'data/files/IMG/picture.txt')]);
    expect((await place.page(uri)).body).toContain('Second');
    expect(await run('restore', { backup })).toMatchObject(done);
    expect((await place.page(uri)).body).toContain('First');
    expect(readFileSync(join(home(), 'data/files/IMG/picture.txt'), 'utf8')).toBe('a picture');
    expect(existsSync(join(home(), 'data/files/IMG/later.txt'))).toBe(false);
    expect(readFileSync(join(home(), 'releases/2/config/cles.php'), 'utf8')).toBe(keys);
    expect(readdirSync(join(home(), 'releases'))).toEqual(['2']);
    expect(readdirSync(home()).sort()).toEqual(['data', 'releases']);
    expect(listBackups(place.root.inventory, uri)[0]?.description).toBe('made before a restore');
    expect(await run('verify')).toMatchObject(done);
  });

  it('goes forward again with the backup that the restore has made', async () => {
    expect(await run('restore', { backup: newest() })).toMatchObject(done);
    expect((await place.page(uri)).body).toContain('Second');
    expect(readFileSync(join(home(), 'data/files/IMG/later.txt'), 'utf8')).toBe('later');
  });

  it('that is damaged is told, and nothing of the site changes', async () => {
    expect(await run('backup')).toMatchObject(done);
    const damaged = newest();
    appendFileSync(join(folder(damaged), 'database.zst'), 'x');
    await expect(checkBackup(place.root.queue, damaged)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(await run('restore', { backup: damaged })).toMatchObject({ state: 'failed', unfinished: null });
    expect((await place.page(uri)).body).toContain('Second');
    expect(readdirSync(home()).sort()).toEqual(['data', 'releases']);
    expect(readdirSync(join(home(), 'releases'))).toHaveLength(1);
    await expect(run('restore', { backup: 'none' })).rejects.toMatchObject({ code: 'NO_SUCH_OBJECT', field: 'backup' });
    await deleteBackup(place.root.queue, damaged);
    expect(existsSync(folder(damaged))).toBe(false);
  });

  it('is not needed for a copy: a site of its own, with its content, addresses and files (pain 23)', async () => {
    const copy = 'copy.example.test';
    expect(await runTask(place.root, 'site.clone', copy, { source: uri })).toMatchObject(done);
    const page = await place.page(copy);
    expect(page.body).toContain('Second');
    expect(page.body).not.toContain(uri);
    const site = findSite(place.root.inventory, copy);
    expect(site).toMatchObject({ state: 'enabled', platform: 'code', web: { noindex: true } });
    const files = join(place.root.paths.sites, site?.handle ?? '', 'data/files/IMG');
    expect(readFileSync(join(files, 'later.txt'), 'utf8')).toBe('later');
    expect(statSync(join(files, 'later.txt')).uid).toBe(statSync(files).uid);
    expect((await place.page(uri)).body).toContain('Second');
    expect(await runTask(place.root, 'site.delete', copy)).toMatchObject(done);
    expect(existsSync(join(place.root.paths.sites, site?.handle ?? ''))).toBe(false);
    expect((await place.page(uri)).body).toContain('Second');
  });

  it('of a site that is not there cannot be copied, nor a name that is taken', () => {
    const clone = (object: string, source: string) => () =>
      queueTask(place.root.queue, { type: 'site.clone', object, args: { source } });
    expect(clone('copy.example.test', 'none.example.test')).toThrow(
      expect.objectContaining({ code: 'NO_SUCH_OBJECT' }),
    );
    expect(clone(uri, uri)).toThrow(expect.objectContaining({ code: 'URI_TAKEN' }));
  });

  it('goes by itself when enough newer ones of its kind are there, and only then', async () => {
    expect(await run('set', { backupHours: 24, keep: 2 })).toMatchObject(done);
    const [schedule] = siteSchedules(place.root.inventory, findSite(place.root.inventory, uri)?.id ?? 0).filter(
      ({ taskType }) => taskType === 'site.backup',
    );
    expect(schedule).toMatchObject({ minutes: 1440, args: { keep: 2, description: 'by schedule' } });
    const kept = listBackups(place.root.inventory, uri).filter(({ kind }) => kind === 'kept');
    const made: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      expect(await run('backup', schedule?.args)).toMatchObject(done);
      made.push(newest());
    }
    const rows = listBackups(place.root.inventory, uri);
    expect(rows.filter(({ kind }) => kind === 'rotating').map(({ name }) => name)).toEqual(made.slice(1).reverse());
    expect(rows.filter(({ kind }) => kind === 'kept')).toEqual(kept);
    expect(made.map((name) => existsSync(folder(name)))).toEqual([false, true, true]);
  });

  it('outlives its site, and is made before that goes when it is asked for or always wanted', async () => {
    writeFileSync(join(place.root.paths.etc, 'config.json'), '{"sites": {"backupBeforeDelete": "always"}}');
    expect(await run('delete')).toMatchObject(done);
    await checkBackup(place.root.queue, newest());
    expect(listBackups(place.root.inventory, uri)[0]?.description).toBe('made before the site was deleted');
    writeFileSync(join(place.root.paths.etc, 'config.json'), '{"sites": {"backupBeforeDelete": "perhaps"}}');
    expect(() => queueTask(place.root.queue, { type: 'site.install', object: uri, args: install })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
    writeFileSync(join(place.root.paths.etc, 'config.json'), '{"sites": {"backupHours": 12, "backupsKept": 3}}');
    expect(await run('install', install)).toMatchObject(done);
    const site = findSite(place.root.inventory, uri);
    const schedules = siteSchedules(place.root.inventory, site?.id ?? 0).map(({ taskType, minutes }) => [
      taskType,
      minutes,
    ]);
    expect(schedules).toContainEqual(['site.backup', 720]);
    // One that cannot be saved is not lost unasked.
    chmodSync(place.root.paths.backups, 0o777);
    const refused = await run('delete', { backup: 'yes' });
    expect(refused).toMatchObject({ state: 'failed', unfinished: null });
    expect(refused.error?.hint).toContain('--backup no');
    chmodSync(place.root.paths.backups, 0o755);
    expect((await place.page(uri)).status).toBe(200);
    expect(await run('delete', { backup: 'no' })).toMatchObject(done);
  });
});
