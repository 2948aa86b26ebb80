import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { listPackages, type PackageRow } from '../../src/db/packages.ts';
import { findSite } from '../../src/db/sites.ts';
import { openLogReader } from '../../src/state/log/reader.ts';
import { planTask } from '../../src/worker/plan-task.ts';
import { compareByName } from '../../src/worker/platform-migrate.ts';
import { queueTask } from '../../src/worker/queue.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { debianTree } from '../support/platforms.ts';
import { done, runTask } from '../support/run-task.ts';
import { type Stack, socketOf } from '../support/stack.ts';

let stack: Stack;
let root: StackRoot;

onOwnServer((own) => {
  ({ stack, root } = own);
});

const housePlugin = (folder: string, version: string): void => {
  mkdirSync(folder, { recursive: true });
  const head = `/*\nPlugin Name: House\nVersion: ${version}\n*/`;
  writeFileSync(
    join(folder, 'house.php'),
    `<?php\n${head}\nadd_action('wp_footer', fn () => print('of the house'));\n`,
  );
};
const edit = (file: string, from: RegExp, to: string): void => {
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(from);
  writeFileSync(file, text.replace(from, to));
};

/** A plugin that a platform gives its sites: on the first, not on the second, in an older version on the third. */
const codes = [
  {
    name: 'wordpress',
    tree: () => debianTree(stack.root, 'wordpress'),
    plugin: 'house',
    trees: [
      (tree: string) => housePlugin(join(tree, 'wp-content/plugins/house'), '2.0'),
      () => {},
      (tree: string) => housePlugin(join(tree, 'wp-content/plugins/house'), '1.0'),
    ],
    // One by that name which the site has brought counts for nothing; then it takes that of the platform.
    use(home: string, sql: (text: string) => void) {
      housePlugin(join(home, 'data/extensions/plugins/house'), '0.5');
      sql(
        `UPDATE wp_options SET option_value = 'a:1:{i:0;s:15:"house/house.php";}' WHERE option_name = 'active_plugins'`,
      );
    },
    take(home: string) {
      const line = "define('WP_PLUGIN_DIR', ABSPATH . 'wp-content/plugins');\n";
      appendFileSync(join(home, 'releases/1/settings/local.settings.php'), line);
    },
  },
  {
    name: 'spip',
    tree: () => debianTree(stack.root, 'spip', 'trixie'),
    plugin: 'forum',
    trees: [
      () => {},
      (tree: string) => rmSync(join(tree, 'plugins-dist/forum'), { recursive: true }),
      (tree: string) => edit(join(tree, 'plugins-dist/forum/paquet.xml'), /\tversion="[^"]*"/, '\tversion="1.0"'),
    ],
    use: () => {},
    take: () => {},
  },
];

describe.each(codes)('what a site on $name uses of its platform', ({ name, tree, plugin, trees, use, take }) => {
  const uri = `${name}.example.test`;
  const [first, lacking, older] = ['first', 'lacking', 'older'].map((word) => `${name}-${word}`) as [
    string,
    string,
    string,
  ];
  const site = () => findSite(root.inventory, uri);
  const home = (): string => join(stack.paths.sites, site()?.handle ?? '');
  const used = (): PackageRow[] => listPackages(root.inventory, { siteId: site()?.id ?? 0 });
  const move = (platform: string, more = {}) => ({ type: 'site.migrate', object: uri, args: { platform, ...more } });
  const run = (type: string, args: Record<string, unknown> = {}) => runTask(root, `site.${type}`, uri, args);
  const sql = (text: string): void => {
    const socket = socketOf(stack);
    execFileSync('mariadb', ['--socket', socket, site()?.databaseName ?? '', '-e', text]);
  };
  const logOf = (id: number): string => {
    const reader = openLogReader(root.paths.taskLogs, id);
    const lines = reader?.lines(0, reader.count()) ?? [];
    reader?.close();
    return lines.map(({ level, text }) => `${level} ${text}`).join('\n');
  };

  beforeAll(async () => {
    for (const [place, platform] of [first, lacking, older].entries()) {
      const folder = await tree();
      trees[place]?.(folder);
      expect(await runTask(root, 'platform.add', platform, { from: `path:${folder}` })).toMatchObject(done);
    }
    expect(await run('install', { platform: first, title: 'Wanderer', adminMail: 'a@example.test' })).toMatchObject(
      done,
    );
  }, 240_000);

  it('is known once it is installed, and copied', async () => {
    const names = used().map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    // The machine's, and no package of a site.
    expect(names.filter((one) => /^php\b/i.test(one))).toEqual([]);
    const args = { source: uri };
    expect(await runTask(root, 'site.clone', `copy.${uri}`, args)).toMatchObject(done);
    const copy = findSite(root.inventory, `copy.${uri}`)?.id ?? 0;
    expect(listPackages(root.inventory, { siteId: copy }).map(({ name }) => name)).toEqual(names);
    expect(await runTask(root, 'site.delete', `copy.${uri}`)).toMatchObject(done);
  });

  it('stops a move to a platform that lacks it, though nobody has verified the site since', async () => {
    use(home(), sql);
    if (name === 'wordpress') {
      expect(await run('verify')).toMatchObject(done);
      expect(used()).toContainEqual(expect.objectContaining({ name: plugin, version: '0.5', own: true }));
      expect(compareByName(root.queue, first, lacking).sites).toMatchObject([{ verdict: 'ready', changes: [] }]);
    }
    take(home());
    root.inventory.prepare('DELETE FROM package WHERE site_id = ?').run(site()?.id);
    const [compared] = compareByName(root.queue, first, lacking).sites;
    expect(compared).toMatchObject({ verdict: 'ready', notes: ['packages unknown: verify the site'] });
    const task = await run('migrate', { platform: lacking });
    expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'MIGRATE_MISSING' } });
    expect(task.error?.message).toBe(`${lacking} lacks what ${uri} uses: plugin ${plugin}`);
    expect(task.error?.hint).toContain('--anyway');
    expect(site()).toMatchObject({ platform: first, release: 1 });
  });

  it('is refused before it is queued when the site was verified, in the comparison and in the plan', async () => {
    expect(await run('verify')).toMatchObject(done);
    expect(compareByName(root.queue, first, lacking).sites).toMatchObject([
      { verdict: 'blocked', blocked: [{ code: 'MIGRATE_MISSING', canBeMeant: true }] },
    ]);
    expect(() => queueTask(root.queue, move(lacking))).toThrow(/lacks what/);
    await expect(planTask(root.queue, root.deps, move(lacking))).rejects.toThrow(/lacks what/);
    const meant = await planTask(root.queue, root.deps, move(lacking, { anyway: true }));
    expect(meant.first.join('\n')).toMatch(new RegExp(`plugin ${plugin} [\\d.]+ is missing there`));
  });

  it('moves to an older version of it, and both comparison and log say so', async () => {
    const [compared] = compareByName(root.queue, first, older).sites;
    expect(compared).toMatchObject({ verdict: 'ready', changes: [{ name: plugin, verdict: 'downgrade' }] });
    const task = await run('migrate', { platform: older });
    expect(task).toMatchObject(done);
    expect(logOf(task.id)).toMatch(
      new RegExp(`warning on ${older}: plugin ${plugin}: [\\d.]+ to 1\\.0 \\(downgrade\\)`),
    );
    expect(used().find((one) => one.name === plugin)?.version).toBe('1.0');
    expect((await stack.fetch(`${uri}:${stack.port}`, '/')).body).toContain('Wanderer');
    expect(await run('back')).toMatchObject(done);
    expect(used().find((one) => one.name === plugin)?.version).not.toBe('1.0');
  });

  it('moves to one that lacks it when that is meant', async () => {
    expect(() => queueTask(root.queue, move(lacking))).toThrow(/lacks what/);
    const task = await run('migrate', { platform: lacking, anyway: true });
    expect(task).toMatchObject(done);
    expect(logOf(task.id)).toMatch(new RegExp(`warning on ${lacking}: plugin ${plugin} [\\d.]+ is missing there`));
    expect(site()).toMatchObject({ platform: lacking });
    expect(used().map((one) => one.name)).not.toContain(plugin);
    expect((await stack.fetch(`${uri}:${stack.port}`, '/')).body).toContain('Wanderer');
  });
});
