import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { findPlatform } from '../../src/db/platforms.ts';
import { keptRelease } from '../../src/db/releases.ts';
import { findSite } from '../../src/db/sites.ts';
import { comparePlatforms } from '../../src/worker/compare.ts';
import { planTask } from '../../src/worker/plan-task.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { queueDue } from '../../src/worker/schedules.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { copyOf, debianTree, givenTrees } from '../support/platforms.ts';
import { done, runTask, untilEnded } from '../support/run-task.ts';
import { type Stack, socketOf } from '../support/stack.ts';

let stack: Stack;
let root: StackRoot;

onOwnServer((own) => {
  ({ stack, root } = own);
});

/** Makes a tree say that it is of another version. */
type Change = (tree: string) => void;
const edit =
  (file: string, from: RegExp, to: string): Change =>
  (tree) => {
    const path = join(tree, file);
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(from);
    writeFileSync(path, text.replace(from, to));
  };
const codes: { name: string; tree(): Promise<string>; newer: Change; older: Change; breaks: Change }[] = [
  {
    name: 'wordpress',
    tree: () => debianTree(stack.root, 'wordpress'),
    newer: edit('wp-includes/version.php', /\$wp_version = '[^']*'/, `$wp_version = '99.1'`),
    older: edit('wp-includes/version.php', /\$wp_version = '[^']*'/, `$wp_version = '5.0'`),
    breaks: edit('wp-includes/template-loader.php', /<\?php/, `<?php throw new Error('dead on purpose');`),
  },
  {
    name: 'spip',
    tree: () => debianTree(stack.root, 'spip', 'trixie'),
    newer: edit('ecrire/inc_version.php', /\$spip_version_branche = '[^']*'/, `$spip_version_branche = '99.1'`),
    older: edit('ecrire/inc_version.php', /\$spip_version_branche = '[^']*'/, `$spip_version_branche = '3.0'`),
    breaks: edit('spip.php', /<\?php/, `<?php throw new Error('dead on purpose');`),
  },
  ...givenTrees().map((path) => ({
    name: basename(path),
    tree: async () => copyOf(stack.root, path),
    newer: () => {},
    older: edit('web/core/lib/Drupal.php', /const VERSION = '[^']*'/, `const VERSION = '8.1.0'`),
    breaks: edit('web/index.php', /<\?php/, `<?php throw new Error('dead on purpose');`),
  })),
];

describe.each(codes)('a site on $name', ({ name, tree, newer, older, breaks }) => {
  const slug = name.replaceAll(/[^a-z0-9]/g, '');
  const uri = `${slug}.example.test`;
  const site = () => findSite(root.inventory, uri);
  const page = () => stack.fetch(`${uri}:${stack.port}`, '/');
  const run = (type: string, args: Record<string, unknown> = {}) => runTask(root, `site.${type}`, uri, args);
  const home = (...path: string[]): string => join(stack.paths.sites, site()?.handle ?? '', ...path);
  const databases = (): string[] =>
    execFileSync('mariadb', ['--socket', socket(), '-N', '-e', `SHOW DATABASES LIKE '${site()?.handle}r%'`], {
      encoding: 'utf8',
    })
      .split('\n')
      .filter((line) => line !== '');
  const socket = (): string => socketOf(stack);
  const add = async (platform: string, change: Change): Promise<string> => {
    const folder = await tree();
    change(folder);
    expect(await runTask(root, 'platform.add', platform, { from: `path:${folder}` })).toMatchObject(done);
    return folder;
  };

  beforeAll(async () => {
    await add(`${slug}-1`, () => {});
    await add(`${slug}-2`, newer);
    await add(`${slug}-broken`, (folder) => {
      newer(folder);
      breaks(folder);
    });
    await add(`${slug}-0`, older);
    const args = { platform: `${slug}-1`, title: 'Wanderer', adminMail: 'a@example.test' };
    expect(await run('install', args)).toMatchObject(done);
    expect(await run('verify')).toMatchObject(done);
    expect(await run('backup')).toMatchObject(done);
    const note = home('data/files', slug === 'spip' ? 'IMG' : '', 'note.txt');
    writeFileSync(note, 'a note');
  }, 240_000);

  it('is compared with another platform, and its move planned, before anything happens', async () => {
    const [from, to] = [`${slug}-1`, `${slug}-2`].map((platform) => findPlatform(root.inventory, platform));
    if (!from || !to) throw new Error('no platforms');
    const { packages, sites } = comparePlatforms(root.inventory, from, to);
    expect(packages.find(({ kind }) => kind === 'core')?.verdict).toMatch(/upgrade|same/);
    expect(sites).toMatchObject([{ uri, verdict: 'ready', blocked: [] }]);
    const request = { type: 'site.migrate', object: uri, args: { platform: `${slug}-2` } };
    const plan = await planTask(root.queue, root.deps, request);
    expect(plan.problem).toBeUndefined();
    expect(plan.first.join('\n')).toContain(`on ${slug}-1 to`);
    expect(plan.acts.map(({ text }) => text).join('\n')).toContain('mariadb');
    expect(site()).toMatchObject({ platform: `${slug}-1` });
  });

  it('is refused where it cannot go, with the reason', () => {
    const to = (platform: string) => () =>
      queueTask(root.queue, { type: 'site.migrate', object: uri, args: { platform } });
    expect(to(`${slug}-1`)).toThrow(/already/);
    expect(to(`${slug}-0`)).toThrow(/runs on/);
    expect(to('nowhere')).toThrow(/no platform nowhere/);
    const other = codes.find((code) => code.name !== name)?.name ?? '';
    if (findPlatform(root.inventory, `${other}-1`)) expect(to(`${other}-1`)).toThrow(/runs/);
    expect(() => queueTask(root.queue, { type: 'site.back', object: uri, args: {} })).toThrow(/nothing to go back to/);
  });

  it('stays as it was when the new code does not answer: visitors never saw it (pain: migrate is not atomic)', async () => {
    const task = await run('migrate', { platform: `${slug}-broken` });
    expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'SITE_NOT_ANSWERING' } });
    expect((await page()).body).toContain('Wanderer');
    expect(site()).toMatchObject({ platform: `${slug}-1`, release: 1 });
    expect(databases()).toEqual([`${site()?.handle}r1`]);
    expect(existsSync(home('releases/2'))).toBe(false);
  });

  it('moves: content, files, login; its old release is kept for seven days', async () => {
    const task = await run('migrate', { platform: `${slug}-2` });
    expect(task).toMatchObject(done);
    expect(Number(task.result.withoutServiceMs)).toBeGreaterThan(0);
    const shown = await page();
    expect(shown.status).toBe(200);
    expect(shown.body).toContain('Wanderer');
    expect(site()).toMatchObject({ platform: `${slug}-2`, release: 2, state: 'enabled' });
    expect(readFileSync(home('data/files', slug === 'spip' ? 'IMG' : '', 'note.txt'), 'utf8')).toBe('a note');
    expect(await run('verify')).toMatchObject(done);
    expect(await run('login')).toMatchObject(done);
    const kept = keptRelease(root.inventory, site()?.id ?? 0);
    expect(kept).toMatchObject({ number: 1, platform: `${slug}-1` });
    const days = (Date.parse(kept?.until ?? '') - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(7);
    expect(() => queueTask(root.queue, { type: 'platform.delete', object: `${slug}-1`, args: {} })).toThrow(
      /go back to/,
    );
  });

  it('is served by the new code from the new database alone, and no file names the old ones (pain 7)', async () => {
    const { handle = '' } = site() ?? {};
    const retitle = (database: string, title: string): void => {
      const sql =
        name === 'wordpress'
          ? `UPDATE wp_options SET option_value = '${title}' WHERE option_name = 'blogname'`
          : `UPDATE spip_meta SET valeur = '${title}' WHERE nom = 'nom_site'`;
      execFileSync('mariadb', ['--socket', socket(), '-e', sql, database]);
      execFileSync('find', ['releases', '-path', 'releases/*/tmp/*', '-delete'], { cwd: home() });
    };
    if (['wordpress', 'spip'].includes(name)) {
      retitle(`${handle}r1`, 'Stale');
      retitle(`${handle}r2`, 'Fresh');
      expect((await page()).body).toContain('Fresh');
      if (name === 'wordpress') expect((await page()).body).toContain('99.1');
      retitle(`${handle}r1`, 'Wanderer');
      retitle(`${handle}r2`, 'Wanderer');
    }
    const old = [`${handle}r1`, findPlatform(root.inventory, `${slug}-1`)?.root ?? '', '/releases/1/'];
    const places = [stack.paths.config, stack.paths.etc, stack.paths.run, home('releases/2')];
    const words = old.flatMap((word) => ['-e', word]);
    const found = spawnSync('grep', ['-rlF', '--devices=skip', ...words, '--', ...places], { encoding: 'utf8' });
    expect(found.stdout.split('\n').filter((file) => file.includes(handle))).toEqual([]);
  });

  it('goes back, and forward again', async () => {
    expect(await run('back')).toMatchObject(done);
    expect(site()).toMatchObject({ platform: `${slug}-1`, release: 1 });
    expect((await page()).body).toContain('Wanderer');
    expect(await run('back')).toMatchObject(done);
    expect(site()).toMatchObject({ platform: `${slug}-2`, release: 2 });
    expect((await page()).body).toContain('Wanderer');
    expect(databases()).toHaveLength(2);
  });

  it('is renamed meanwhile, and goes back and forward under its name of now', async () => {
    const to = `new-${uri}`;
    const shown = async (name: string, not: string): Promise<void> => {
      const { status, body } = await stack.fetch(`${name}:${stack.port}`, '/');
      expect(status).toBe(200);
      expect(body).toContain('Wanderer');
      expect(body).not.toContain(`//${not}`);
      expect(body).not.toContain(`sites/${not}`);
      const links = execFileSync('find', [join(stack.root, 'trees'), '-lname', `*/${site()?.handle ?? ''}/*`]);
      if (name !== uri) expect(links.toString()).not.toContain(`sites/${not}`);
    };
    expect(await run('rename', { to })).toMatchObject(done);
    await shown(to, uri);
    expect(await runTask(root, 'site.back', to)).toMatchObject(done);
    expect(findSite(root.inventory, to)).toMatchObject({ platform: `${slug}-1`, release: 1 });
    await shown(to, uri);
    expect(await runTask(root, 'site.verify', to)).toMatchObject(done);
    expect(await runTask(root, 'site.rename', to, { to: uri })).toMatchObject(done);
    expect(await run('back')).toMatchObject(done);
    expect(site()).toMatchObject({ platform: `${slug}-2`, release: 2 });
    await shown(uri, to);
  });

  it('can be restored meanwhile, and forgets the way back when its time is over (pain 9)', async () => {
    const backup = listBackups(root.inventory, uri).at(-1)?.name ?? '';
    expect(await run('restore', { backup })).toMatchObject(done);
    // With the code that it was made on.
    expect(site()).toMatchObject({ platform: `${slug}-1`, release: 3 });
    expect((await page()).body).toContain('Wanderer');
    // A way back that fails leaves it so: the code of before finds the release of now, and not the one that is kept.
    const table = { wordpress: 'wp_options', spip: 'spip_meta' }[name] ?? 'config';
    execFileSync('mariadb', ['--socket', socket(), '-e', `DROP TABLE ${table}`, `${site()?.handle}r1`]);
    expect(await run('back')).toMatchObject({ state: 'failed', unfinished: null });
    expect((await page()).body).toContain('Wanderer');
    expect(await run('verify')).toMatchObject(done);
    root.inventory.prepare(`UPDATE release SET kept_until = '2020-01-01T00:00:00.000Z' WHERE state = 'kept'`).run();
    queueDue(root.deps);
    const id = root.inventory.prepare<[], number>(`SELECT max(id) FROM task WHERE type = 'site.forget'`).pluck().get();
    const worker = (await import('../../src/worker/worker.ts')).startWorker(root.deps);
    expect(await untilEnded(root, Number(id))).toMatchObject(done);
    await worker.drain();
    expect(keptRelease(root.inventory, site()?.id ?? 0)).toBeUndefined();
    expect(databases()).toEqual([`${site()?.handle}r3`]);
    expect(existsSync(home('releases/1'))).toBe(false);
    expect((await page()).body).toContain('Wanderer');
  });

  it('moves while it is disabled, keeps nothing when that is asked for, and is deleted whole', async () => {
    expect(await run('disable')).toMatchObject(done);
    const args = { platform: `${slug}-3`, keepDays: 0 };
    const folder = await add(`${slug}-3`, newer);
    expect(await run('migrate', args)).toMatchObject(done);
    expect(site()).toMatchObject({ platform: `${slug}-3`, state: 'disabled' });
    expect((await page()).status).toBe(503);
    expect(databases()).toEqual([`${site()?.handle}r4`]);
    expect(await run('enable')).toMatchObject(done);
    expect((await page()).body).toContain('Wanderer');
    expect(await run('migrate', { platform: `${slug}-2` })).toMatchObject(done);
    const handle = site()?.handle;
    expect(await run('delete')).toMatchObject(done);
    const left = execFileSync('mariadb', ['--socket', socket(), '-N', '-e', `SHOW DATABASES LIKE '${handle}r%'`]);
    expect(left.toString()).toBe('');
    const links = execFileSync('find', [folder, '-lname', `*/${handle}/*`], { encoding: 'utf8' });
    expect(links).toBe('');
    rmSync(folder, { recursive: true });
  });
});
