import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { findSite } from '../../src/db/sites.ts';
import { checkBackup } from '../../src/worker/backups.ts';
import { outdate } from '../matrix/entry.ts';
import { differences, textOf } from '../matrix/judge.ts';
import { codes, INSTALL, MAIN, must, openWorld, type World, write } from '../matrix/world.ts';
import { breakPage } from '../support/broken-updates.ts';
import { socketOf } from '../support/stack.ts';

describe.each(codes)('on $name', (code) => {
  const { engine } = code;
  let world: World;
  const page = (name: string, path = '/') => world.stack.fetch(`${name}:${world.stack.port}`, path);
  const home = (name: string): string =>
    join(world.stack.paths.sites, findSite(world.root.inventory, name)?.handle ?? '');
  /** An option in the database that the site has now. */
  function written(option: string): string {
    const socket = socketOf(world.stack);
    const database = findSite(world.root.inventory, MAIN)?.databaseName ?? '';
    const sql = `SELECT option_value FROM wp_options WHERE option_name = '${option}'`;
    return execFileSync('mariadb', ['--socket', socket, '-N', '-e', sql, database], { encoding: 'utf8' });
  }

  beforeAll(async () => {
    world = await openWorld(code);
  }, 240_000);
  afterAll(() => world?.close());

  it('an update that breaks the page is undone before a visitor sees it: database, and the files that it wrote', async () => {
    const uri = 'gone.example.test';
    breakPage(world.otherTree, engine);
    await must(world, 'site.install', uri, { ...INSTALL, platform: 'other' });
    await outdate(world, uri);
    await write(world, uri, 'first');
    const look = async (): Promise<string> => {
      const { status, body } = await page(uri);
      return `${status} ${/<title>([^<]*)/.exec(body)?.[1]?.trim() ?? ''}`;
    };
    const good = await look();
    const before = await world.look();
    const seen = new Set<string>();
    let watching = true;
    const visitor = (async () => {
      while (watching) seen.add(await look());
    })();
    const task = await world.run('site.update', uri);
    watching = false;
    await visitor;
    expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'SITE_NOT_ANSWERING' } });
    expect([...seen].sort()).toEqual([good, `503 ${uri}`]);
    expect(differences(before, await world.look()).map(textOf)).toEqual([]);
    const files = readdirSync(join(home(uri), 'data/files'), { recursive: true, encoding: 'utf8' }).map((path) =>
      basename(path),
    );
    expect(files).toContain('words.txt');
    expect(files).not.toContain('new.txt');
    expect(await world.run('site.verify', uri)).toMatchObject({ state: 'succeeded' });
    await must(world, 'site.delete', uri);
  });

  it('an update leaves a backup of before, which was read back and goes when enough newer ones are there', async () => {
    for (let round = 0; round < 4; round += 1) await must(world, 'site.update', MAIN);
    const backups = listBackups(world.root.inventory, MAIN);
    expect(backups.map(({ kind, description }) => `${kind}: ${description}`)).toEqual(
      Array(3).fill('safety: made before an update'),
    );
    expect(readdirSync(world.stack.paths.backups).filter((name) => name.startsWith(MAIN))).toHaveLength(3);
    await checkBackup(world.root.queue, backups[0]?.name ?? '');
  });

  if (engine === 'spip')
    it('an update does not wait for a cache of code that looks at each file anyway', async () => {
      await must(world, 'site.update', MAIN);
      const { stdout } = spawnSync('grep', ['-rc', 'opcache', join(home(MAIN), 'releases')], { encoding: 'utf8' });
      expect(stdout).toContain('/log/');
      expect(stdout.split('\n').filter((line) => /\.log:[1-9]/.test(line))).toEqual([]);
    });

  if (engine === 'wordpress')
    it('what a request writes while a site is being closed is in the copy that a migration makes', async () => {
      const folder = join(home(MAIN), 'data/extensions/mu-plugins');
      mkdirSync(folder);
      const slow = `<?php add_action('init', function () {
      if (!isset($_GET['slow'])) { return; }
      if (isset($_GET['early'])) { echo 'early'; fastcgi_finish_request(); }
      for ($end = microtime(true) + 3; microtime(true) < $end;) { usleep(50000); }
      update_option('slow_' . $_GET['slow'], 'written');
      exit('written');
    });`;
      writeFileSync(join(folder, 'slow.php'), slow);
      execFileSync('chown', ['-R', `--reference=${join(folder, '..')}`, folder]);
      await must(world, 'platform.add', 'third', { from: `path:${await world.code.tree(world.stack.root)}` });
      const asked = [page(MAIN, '/?slow=one'), page(MAIN, '/?slow=two&early')];
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await asked[1]).toMatchObject({ status: 200, body: 'early' });
      await must(world, 'site.migrate', MAIN, { platform: 'third' });
      expect(await asked[0]).toMatchObject({ status: 200, body: 'written' });
      for (const name of ['one', 'two']) expect(written(`slow_${name}`)).toBe('written\n');
    });
});
