import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { findSite } from '../../src/db/sites.ts';
import { noBackups, outdate } from '../matrix/entry.ts';
import { endPrograms } from '../matrix/faults.ts';
import { differences, textOf } from '../matrix/judge.ts';
import { callsOf, makeVictim, queueEntry, recover, runWatched } from '../matrix/run.ts';
import { codes, INSTALL, MAIN, must, openWorld, query, type World } from '../matrix/world.ts';
import { breakUpdates, updates } from '../support/broken-updates.ts';

/** A table that `write` writes into. */
const written = { wordpress: 'wp_posts', spip: 'spip_meta', drupal: 'matrix' };

describe.each(codes)('on $name', (code) => {
  const { engine } = code;
  let world: World;

  beforeAll(async () => {
    world = await openWorld(code);
  });
  afterAll(() => world?.close());

  it('a migration whose updates die half-way leaves the site as it was (pains 6 and 10)', async () => {
    breakUpdates(world.otherTree, engine);
    await outdate(world);
    const before = await world.look();
    const task = await world.run('site.migrate', MAIN, { platform: 'other' });
    expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'PROGRAM_FAILED' } });
    expect(task.error?.message).toContain('dead half-way');
    expect(differences(before, await world.look()).map(textOf)).toEqual([]);
    const updated = await must(world, 'site.update', MAIN);
    expect(JSON.stringify(updated.result.update)).toMatch(updates[engine].did);
    await noBackups(world);
  });

  it('an update that dies half-way leaves database, caches and visitors as they were (pain 6)', async () => {
    const uri = 'gone.example.test';
    await must(world, 'site.install', uri, { ...INSTALL, platform: 'other' });
    await outdate(world, uri);
    const before = await world.look();
    const task = await world.run('site.update', uri);
    expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'PROGRAM_FAILED' } });
    expect(differences(before, await world.look()).map(textOf)).toEqual([]);
    expect(await world.run('site.verify', uri)).toMatchObject({ state: 'succeeded' });
    await must(world, 'site.delete', uri);
  });

  it('a verify whose PHP is ended from outside fails, and says nothing of the site', async () => {
    const entry = { type: 'site.verify', object: MAIN };
    const before = await world.look();
    const user = findSite(world.root.inventory, MAIN)?.handle ?? '';
    const task = await runWatched(world, entry, () => ({
      begin({ step, what }) {
        if (step !== 'apply:boot' || what !== 'user.run') return;
        const timer = setInterval(() => endPrograms(user) && clearInterval(timer), 5);
      },
    }));
    expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'PROGRAM_KILLED' } });
    expect(differences(before, await world.look()).map(textOf)).toEqual([]);
  });

  it('a worker that is killed while a dump is loaded leaves no limit of MariaDB changed', async () => {
    const entry = { type: 'site.clone', object: 'copy.example.test', args: () => ({ source: MAIN }) };
    const before = await world.look();
    const { calls } = await callsOf(world, entry);
    await must(world, 'site.delete', entry.object);
    const load = calls.find(({ what, step }) => what === 'stream.copy' && step === 'apply:copy-database');
    const victim = makeVictim(world);
    queueEntry(world, entry);
    const order = { when: 'during', key: load?.key ?? '', ms: load?.ms ?? 0, signal: 'SIGKILL' } as const;
    expect(await victim.order(order)).toMatchObject({ signal: 'SIGKILL' });
    await recover(world);
    expect(differences(before, await world.look()).map(textOf)).toEqual([]);
  });

  it('a rename keeps aliases and settings, and nothing bears the old name (pain 8)', async () => {
    await must(world, 'site.alias', MAIN, { add: 'alias.example.test' });
    const before = await world.look();
    await must(world, 'site.rename', MAIN, { to: 'moved.example.test' });
    const renamed = await world.look();
    // Drupal calls itself also by the name that it is asked under.
    expect(renamed.get('web alias.example.test')).toMatch(/^200 .*names moved\.example\.test( alias\.example\.test)?$/);
    expect(renamed.get(`web ${MAIN}`)).toMatch(/^0 /);
    // A guid is a name of a post and no address: WordPress says that it never changes.
    const texts = [...renamed].map((fact) => fact.join(' ').replaceAll(/"guid":"[^"]*"/g, ''));
    const bearing = texts.filter((text) => !text.startsWith('web ') && text.includes(`//${MAIN}`));
    expect(bearing).toEqual([]);
    await must(world, 'site.rename', 'moved.example.test', { to: MAIN });
    expect(differences(before, await world.look()).map(textOf)).toEqual([]);
    await must(world, 'site.alias', MAIN, { remove: 'alias.example.test' });
  });

  it('a site whose database and files are gone is deleted, and nothing is left (pain 17)', async () => {
    const uri = 'gone.example.test';
    const before = await world.look();
    await must(world, 'site.install', uri, INSTALL);
    const { databaseName, handle } = world.root.inventory
      .prepare<[], { databaseName: string; handle: string }>(
        `SELECT database_name AS databaseName, handle FROM release JOIN site ON site.id = site_id ORDER BY site.id DESC LIMIT 1`,
      )
      .get() ?? { databaseName: '', handle: '' };
    const service = world.stack.server.services.find(({ kind }) => kind === 'db');
    await world.stack.host.act('db.drop', { socket: String(service?.settings.socket), database: databaseName });
    await world.stack.host.act('tree.remove', { path: join(world.stack.paths.sites, handle), as: handle });
    await must(world, 'site.delete', uri);
    expect(differences(before, await world.look()).map(textOf)).toEqual([]);
  });

  it('a verify writes nothing into the code of a platform (pain 5)', async () => {
    const before = await world.look();
    await must(world, 'platform.verify', 'code');
    await must(world, 'site.verify', MAIN);
    const code = differences(before, await world.look()).filter(({ key }) => key.includes('trees/'));
    expect(code.map(textOf)).toEqual([]);
  });

  it('a tool that lies in the code of a platform shadows none of ours: all work though it is broken (pain 3)', async () => {
    const mark = join(world.stack.root, 'ran');
    const [vendor, folder, aside] = ['vendor', 'vendor/bin', 'vendor/its-bin'].map((path) =>
      join(world.tree, path),
    ) as [string, string, string];
    const brings = existsSync(folder);
    if (brings) renameSync(folder, aside);
    mkdirSync(folder, { recursive: true });
    writeFileSync(mark, '');
    chmodSync(mark, 0o666);
    for (const tool of ['wp', 'drush', 'spip', 'php', 'composer', 'sh', 'tar', 'mariadb', 'mariadb-dump'])
      writeFileSync(join(folder, tool), `#!/bin/sh\necho "${tool} $*" >>'${mark}'\nexit 1\n`, { mode: 0o755 });
    try {
      await must(world, 'platform.verify', 'code');
      for (const type of ['verify', 'cron', 'update', 'login', 'backup']) await must(world, `site.${type}`, MAIN);
      await must(world, 'site.clone', 'copy.example.test', { source: MAIN });
      await must(world, 'site.delete', 'copy.example.test');
    } finally {
      rmSync(brings ? folder : vendor, { recursive: true });
      if (brings) renameSync(aside, folder);
    }
    expect(readFileSync(mark, 'utf8')).toBe('');
  });

  it.runIf(engine === 'wordpress')(
    'an active plugin that is not there is told by a verify (needs WordPress)',
    async () => {
      const plugins = (value: string) =>
        `UPDATE wp_options SET option_value = '${value}' WHERE option_name = 'active_plugins'`;
      await query(world, MAIN, plugins('a:1:{i:0;s:13:"shop/shop.php";}'));
      const task = await world.run('site.verify', MAIN);
      expect(task).toMatchObject({ state: 'succeeded' });
      const log = readFileSync(join(world.stack.paths.taskLogs, `${task.id}.ndjson`), 'utf8');
      expect(log).toContain('the active plugin shop/shop.php: Plugin file does not exist.');
      await query(world, MAIN, plugins('a:0:{}'));
    },
  );

  it('a platform with sites is not deleted, and they are named (pain 18)', async () => {
    expect(await world.run('platform.delete', 'code').catch((error: unknown) => error)).toMatchObject({
      message: expect.stringContaining(MAIN),
    });
  });

  it('what a restore replaces is saved first', async () => {
    const before = await world.look();
    await must(world, 'site.backup', MAIN);
    const [backup] = listBackups(world.root.inventory);
    await must(world, 'site.restore', MAIN, { backup: backup?.name });
    expect(listBackups(world.root.inventory)[0]?.description).toBe('made before a restore');
    const after = await world.look();
    for (const key of [`web ${MAIN}`, `table {main.example.test}rR.${written[engine]}`])
      expect(after.get(key)).toBe(before.get(key));
  });
});
