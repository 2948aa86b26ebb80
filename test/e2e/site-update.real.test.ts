import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { findSite } from '../../src/db/sites.ts';
import { checkBackup } from '../../src/worker/backups.ts';
import { differences, textOf } from '../matrix/judge.ts';
import { codes, INSTALL, MAIN, must, openWorld, type World, write } from '../matrix/world.ts';
import { socketOf } from '../support/stack.ts';

let world: World;
const uri = 'gone.example.test';

beforeAll(async () => {
  const [code] = codes;
  if (code) world = await openWorld(code);
}, 240_000);
afterAll(() => world?.close());

const edit = (file: string, from: string, to: string): void => {
  const path = join(world.otherTree, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
};
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

it('an update that breaks the page is undone before a visitor sees it: database, and the files that it wrote', async () => {
  // Its updates write content and files, and from then on the page dies.
  const works = `function wp_upgrade() {
    update_option('blogname', 'Half-way');
    foreach (glob(AEGIR_FILES . '/2026/*') as $file) { unlink($file); }
    file_put_contents(AEGIR_FILES . '/new.txt', 'new');
  }
  function wp_upgrade_as_it_was() {`;
  edit('wp-admin/includes/upgrade.php', 'function wp_upgrade() {', works);
  const dies = "<?php if (get_option('blogname') === 'Half-way') { throw new Error('dead after the update'); }";
  edit('wp-includes/template-loader.php', '<?php', dies);
  await must(world, 'site.install', uri, { ...INSTALL, platform: 'other' });
  await write(world, uri, 'first');
  const before = await world.look();
  const seen = new Set<string>();
  let watching = true;
  const visitor = (async () => {
    while (watching) {
      const { status, body } = await page(uri);
      seen.add(`${status} ${/<title>([^<]*)/.exec(body)?.[1] ?? ''}`);
    }
  })();
  const task = await world.run('site.update', uri);
  watching = false;
  await visitor;
  expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'SITE_NOT_ANSWERING' } });
  expect([...seen].sort()).toEqual(['200 Matrix &#8211; first', `503 ${uri}`]);
  expect(differences(before, await world.look()).map(textOf)).toEqual([]);
  expect(readFileSync(join(home(uri), 'data/files/2026/words.txt'), 'utf8')).toBe('first\n');
  expect(existsSync(join(home(uri), 'data/files/new.txt'))).toBe(false);
  expect(await world.run('site.verify', uri)).toMatchObject({ state: 'succeeded' });
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
