import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localHost } from '../../../src/provision/host/makers/local.ts';
import { planHost } from '../../../src/provision/host/makers/plan.ts';
import type { SiteContext } from '../../../src/provision/model/context.ts';
import { standardProgram } from '../../../src/provision/standard.ts';
import type { StepIo } from '../../../src/provision/tasks/model/task.ts';
import { detectPlatform, shareStep, tellSites } from '../../../src/provision/tasks/platform/detect.ts';
import { findSite } from '../../../src/provision/tasks/steps/adopt.ts';
import { adoptedSettings } from '../../../src/provision/tasks/steps/adopted-parts.ts';
import { sitesToTake } from '../../../src/provision/tasks/steps/found-sites.ts';
import { temporaryPolicy } from '../../support/policy.ts';
import { sampleSite } from '../services/sample-site.ts';

const { engines } = standardProgram;

const { policy, remove } = temporaryPolicy();
const host = localHost(policy);
let tree = '';

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'aegtest-found-'));
  chmodSync(tree, 0o755);
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));
afterAll(remove);

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
}
const drupalCode = { 'web/core/lib/Drupal.php': "<?php class Drupal { const VERSION = '10.5.2'; }" };
const settings = (name: string): string =>
  `<?php\n$databases['default']['default'] = ['driver' => 'mysql', 'database' => '${name}', 'username' => '${name}', 'password' => 'x'];\n$settings['hash_salt'] = 'salt of ${name}';\n`;
const spipCode = { 'ecrire/inc_version.php': "<?php\n$spip_version_branche = '4.4.3';\n" };
const connect = (name: string): string =>
  `<?php spip_connect_db('localhost','','${name}','secret','${name}','mysql', 'spip','','utf8');`;
const siteOn = (engine: string, uri: string): SiteContext => {
  const site = sampleSite(undefined, 12, uri);
  return { ...site, platform: { ...site.platform, name: 'p', engine, version: '99' } };
};
const find = (engine: string, uri: string, more: Partial<Parameters<typeof findSite>[2]> = {}) =>
  findSite({ host, engines }, siteOn(engine, uri), { from: tree, dump: '', site: '', ...more }, tree);

describe('a Drupal with many sites', () => {
  beforeEach(() => {
    write({
      ...drupalCode,
      'web/sites/default/settings.php': '<?php // $databases = [];\n',
      'web/sites/all/readme.txt': '',
      'web/sites/shop.example.test/settings.php': settings('shop'),
      'web/sites/shop.example.test/files/a.txt': 'a',
      'web/sites/blog.example.test/settings.php': settings('blog'),
      'web/sites/sites.php': "<?php\n$sites['www.shop.example.test'] = 'shop.example.test';\n",
    });
    mkdirSync(join(tree, 'home'));
    writeFileSync(join(tree, 'home/settings.php'), settings('ours'));
    symlinkSync(join(tree, 'home'), join(tree, 'web/sites/ours.example.test'));
  });

  it('is no site of its own, so it can be a platform, and verify tells of those in it with how to take each over', async () => {
    const detection = await detectPlatform({ host, engines }, tree, `path:${tree}`);
    expect(detection).toMatchObject({ engine: 'drupal', docroot: 'web' });
    const said: string[] = [];
    const told: unknown[] = [];
    const io = {
      ...{ host, engines },
      log: (_level: string, text: string) => void said.push(text),
      report: (what: unknown) => void told.push(what),
    };
    await tellSites({ name: 'p', root: tree }, detection, io as unknown as StepIo);
    expect(told).toEqual([
      {
        foundSites: [
          { folder: 'sites/blog.example.test', name: 'blog.example.test' },
          { folder: 'sites/shop.example.test', name: 'shop.example.test' },
        ],
      },
    ]);
    expect(said[1]).toContain(
      `aegir site import shop.example.test --platform p --from ${tree} --site sites/shop.example.test`,
    );
  });

  it('is one of its own when sites/default names a database', async () => {
    write({ 'web/sites/default/settings.php': settings('alone') });
    await expect(detectPlatform({ host, engines }, tree, `path:${tree}`)).rejects.toMatchObject({
      code: 'CMS_CONFIGURED',
    });
  });

  it('gives the site that is called like the URI, or that is named; else it asks which', async () => {
    expect((await find('drupal', 'shop.example.test')).settings.database?.name).toBe('shop');
    const other = await find('drupal', 'new.example.test', { site: 'sites/blog.example.test/' });
    expect(other).toMatchObject({ name: 'blog.example.test', settings: { database: { name: 'blog' } } });
    expect((await find('drupal', 'new.example.test', { site: 'blog.example.test' })).name).toBe('blog.example.test');
    await expect(find('drupal', 'new.example.test')).rejects.toMatchObject({
      code: 'ADOPT_UNFIT',
      hint: expect.stringMatching(/blog\.example\.test, .*sites\/shop\.example\.test\. Choose one: --site sites\//),
    });
    await expect(find('drupal', 'new.example.test', { site: 'x' })).rejects.toThrow(/no site x/);
    rmSync(join(tree, 'web/sites/blog.example.test'), { recursive: true });
    expect((await find('drupal', 'new.example.test')).name).toBe('shop.example.test');
    const found = await find('drupal', 'shop.example.test');
    const parts = await found.adoption.parts(found.tree, found.site ?? { folder: '', file: '' });
    expect(parts).toEqual([{ from: 'sites/shop.example.test/files', to: 'files' }]);
  });

  it('keeps what its sites.php says: ours loads it', async () => {
    const planned = planHost(host);
    const { platform, server } = siteOn('drupal', 'x.example.test');
    const ctx = { platform: { ...platform, root: tree, managed: false }, server, sites: [] };
    const result = { engine: 'drupal', version: '10.5.2', docroot: 'web', profiles: [], packages: [] };
    await shareStep.run(ctx, { host: planned, engines, result, save: () => {} } as unknown as StepIo);
    expect(await planned.readText(join(tree, 'web/sites/local.sites.php'))).toContain('www.shop.example.test');
    expect(await planned.readText(join(tree, 'web/sites/sites.php'))).toContain("require __DIR__ . '/local.sites.php'");
    const once = planned.planned().length;
    await shareStep.run(ctx, { host: planned, engines, result, save: () => {} } as unknown as StepIo);
    expect(planned.planned()).toHaveLength(once);
  });
});

it.each([
  ['Drupal 7', { 'includes/bootstrap.inc': "<?php define('VERSION', '7.105');" }],
  ['Backdrop', { 'core/includes/bootstrap.inc': "<?php define('BACKDROP_VERSION', '1.27.1');" }],
])('a %s is no code of ours, and it is said which there is', async (_name, files) => {
  write(files);
  await expect(detectPlatform({ host, engines }, tree, `path:${tree}`)).rejects.toMatchObject({
    code: 'CMS_UNKNOWN',
    hint: expect.stringContaining('core/lib/Drupal.php of version 8 or newer'),
  });
});

it('a SPIP that many share tells of its sites, and gives what is theirs', async () => {
  write({
    ...spipCode,
    'sites/shop.example.test/config/connect.php': connect('shop'),
    'sites/shop.example.test/config/cles.php': '<?php',
    'sites/shop.example.test/IMG/a.png': 'a',
    'sites/shop.example.test/squelettes/a.html': 'a',
    'sites/other.example.test/config/connect.php': connect('other'),
    'sites/empty.example.test/config/chmod.php': '<?php',
  });
  expect(await detectPlatform({ host, engines }, tree, tree)).toMatchObject({ engine: 'spip' });
  const found = await sitesToTake(host, engines.named('spip'), tree);
  expect(found.map(({ folder }) => folder)).toEqual(['sites/other.example.test', 'sites/shop.example.test']);
  const shop = await find('spip', 'shop.example.test');
  expect(shop.settings.database).toMatchObject({ name: 'shop' });
  expect(await shop.adoption.parts(shop.tree, shop.site ?? { folder: '', file: '' })).toEqual([
    { from: 'sites/shop.example.test/IMG', to: 'files/IMG' },
    { from: 'sites/shop.example.test/squelettes', to: 'extensions/squelettes' },
    { from: 'sites/shop.example.test/config/cles.php', to: 'config/cles.php' },
  ]);
});

describe('a backup of Aegir 3', () => {
  const backup = {
    'database.sql': 'CREATE TABLE a (b int);\n',
    'settings.php':
      "<?php\n$databases['default']['default'] = ['driver' => $_SERVER['db_type']];\n$settings['hash_salt'] = 'salty';\n",
    'drushrc.php': "<?php\n$options['db_passwd'] = 'secret';\n$options['uri'] = 'old.example.test';\n",
    'files/a.txt': 'a',
    'modules/mine/mine.info.yml': 'name: mine',
  };

  it('is a site without code: its dump, salt, old name and files are found', async () => {
    write(backup);
    const found = await find('drupal', 'new.example.test');
    expect(found).toMatchObject({ name: 'old.example.test', dump: join(tree, 'database.sql') });
    expect(found.settings.database).toBeUndefined();
    expect(found.settings.settings['salt.php']).toContain("'salty'");
    expect(await found.adoption.parts(found.tree, found.site ?? { folder: '', file: '' })).toEqual([
      { from: 'files', to: 'files' },
      { from: 'modules', to: 'extensions/modules' },
    ]);
    expect(found.adoption.leave).toContain('files/css');
  });

  it('gives private files and configuration from where its settings name them, and its people’s lines', async () => {
    const places =
      "$settings['file_public_path'] = 'sites/old.example.test/files';\n$settings['file_private_path'] = 'sites/old.example.test/private/files';\n$config_directories['sync'] = 'sites/old.example.test/private/config/sync';\n";
    write({
      ...backup,
      'settings.php': `${backup['settings.php']}${places}`,
      'private/files/secret.txt': 'a',
      'private/config/sync/a.yml': 'a',
    });
    const found = await find('drupal', 'new.example.test');
    expect(await found.adoption.parts(found.tree, found.site ?? { folder: '', file: '' })).toEqual([
      { from: 'private/config/sync', to: 'config/sync' },
      { from: 'private/files', to: 'private' },
      { from: 'files', to: 'files' },
      { from: 'modules', to: 'extensions/modules' },
    ]);
    write({ 'local.settings.php': `<?php\n$settings['mine'] = 1;\n` });
    const said: string[] = [];
    const io = { host, log: (_level: string, text: string) => void said.push(text) } as unknown as StepIo;
    const site = siteOn('drupal', 'new.example.test');
    expect((await adoptedSettings(found, site, true, io))['local.settings.php']).toMatch(
      /\n\$settings\['mine'\] = 1;\n$/,
    );
    expect((await adoptedSettings(found, site, false, io))['local.settings.php']).toBeUndefined();
    expect(said.at(-1)).toContain('aegir site edit new.example.test settings');
    // What root has unpacked may still hold links.
    rmSync(join(tree, 'local.settings.php'));
    symlinkSync('/etc/passwd', join(tree, 'local.settings.php'));
    expect((await adoptedSettings(found, site, true, io))['local.settings.php']).toBeUndefined();
  });

  it('that does not say its name is known by that of its archive', async () => {
    write({ ...backup, 'drushrc.php': '<?php\n' });
    const from = '/backups/shop.example.test-20240131.031500.tar.gz';
    const found = await findSite(
      { host, engines },
      siteOn('drupal', 'new.example.test'),
      { from, dump: '', site: '' },
      tree,
    );
    expect(found.name).toBe('shop.example.test');
  });

  it('is not taken for a site of another CMS', async () => {
    write(backup);
    await expect(find('spip', 'new.example.test')).rejects.toMatchObject({ code: 'ADOPT_UNFIT' });
  });
});
