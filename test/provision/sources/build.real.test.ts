import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findPlatform } from '../../../src/db/platforms.ts';
import { openStackRoot, type StackRoot } from '../../support/inventory.ts';
import { copyOf, debianTree, givenTrees } from '../../support/platforms.ts';
import { runTask } from '../../support/run-task.ts';
import { type Stack, startStack } from '../../support/stack.ts';

let stack: Stack;
let root: StackRoot;
let folder: string;
const done = { error: null, state: 'succeeded' };

beforeAll(async () => {
  stack = await startStack();
  root = openStackRoot(stack);
  folder = mkdtempSync(join(tmpdir(), 'aegtest-build-'));
});

afterAll(async () => {
  root?.inventory.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function put(base: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, name)), { recursive: true });
    writeFileSync(join(base, name), text);
  }
}

/** As much of a code base as is needed to know it. */
const code = (version: string) => ({
  'web/core/lib/Drupal.php': `<?php\nclass Drupal {\n  const VERSION = '${version}';\n}\n`,
});

function repository(name: string, releases: [string, Record<string, string>][]): string {
  const base = join(folder, name);
  mkdirSync(base);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', base, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args]);
  git('init', '--quiet', '--initial-branch=main');
  for (const [tag, files] of releases) {
    put(base, files);
    git('add', '--all');
    git('commit', '--quiet', '--message', tag);
    git('tag', tag);
  }
  return `file://${base}`;
}

it('takes a tag of a repository, without its history; the next version stands beside the one before', async () => {
  const url = repository('shop', [
    ['v1', code('10.1.0')],
    ['v2', code('10.2.0')],
  ]);
  for (const tag of ['v1', 'v2'])
    expect(await runTask(root, 'platform.add', `shop-${tag}`, { from: `git:${url}#${tag}` })).toMatchObject(done);
  expect(findPlatform(root.inventory, 'shop-v1')).toMatchObject({ version: '10.1.0', docroot: 'web', managed: true });
  expect(findPlatform(root.inventory, 'shop-v2')).toMatchObject({ version: '10.2.0' });
  const made = join(stack.paths.platforms, 'shop-v2');
  expect(existsSync(join(made, '.git'))).toBe(false);
  expect(statSync(join(made, 'web/core/lib/Drupal.php'))).toMatchObject({ uid: 0 });
});

const codes = [
  { name: 'wordpress', tree: () => debianTree(stack.root, 'wordpress') },
  { name: 'spip', tree: () => debianTree(stack.root, 'spip', 'trixie') },
  ...givenTrees().map((path) => ({ name: basename(path), tree: async () => copyOf(stack.root, path) })),
];
/** Code of Debian's knows where it lies. */
function tellPlace(tree: string, place: string): void {
  const replace = 'grep -rlZF "$1" "$1" | xargs -0r sed -i "s#$1#$2#g"';
  execFileSync('sh', ['-c', replace, 'sh', tree, place]);
}

it.each(codes)('makes a platform of a repository with the code of $name, and a site on it answers', async (code) => {
  const [platform, uri] = [`git-${code.name}`, `${code.name}.example.test`];
  const tree = await code.tree();
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', tree, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args]);
  tellPlace(tree, join(stack.paths.platforms, platform));
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all', '--force');
  git('-c', 'gc.auto=0', 'commit', '--quiet', '--message', 'all');
  expect(await runTask(root, 'platform.add', platform, { from: `git:file://${tree}` })).toMatchObject(done);
  rmSync(tree, { recursive: true });
  const args = { platform, title: 'From a repository', adminMail: 'a@example.test' };
  expect(await runTask(root, 'site.install', uri, args)).toMatchObject(done);
  expect((await stack.fetch(`${uri}:${stack.port}`, '/')).body).toContain('From a repository');
});

it('says what is wrong with a repository, and leaves nothing', async () => {
  const missing = await runTask(root, 'platform.add', 'gone', { from: `git:file://${folder}/nothing` });
  expect(missing).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'DOWNLOAD_FAILED' } });
  expect(existsSync(join(stack.paths.platforms, 'gone'))).toBe(false);
  expect(existsSync(join(stack.paths.platforms, '.new-gone'))).toBe(false);
});

it('builds by Composer as a user without rights, and gives what came out to root (pain 4)', async () => {
  const project = {
    name: 'demo/project',
    version: '1.2.3',
    scripts: { 'post-create-project-cmd': 'id -u > built-by; (sleep 300 &)' },
  };
  put(join(folder, 'project'), { ...code('11.0.0'), 'composer.json': JSON.stringify(project) });
  const repositories = [
    { type: 'path', url: join(folder, 'project'), options: { symlink: false } },
    { packagist: false },
  ];
  put(join(stack.paths.etc, 'composer'), { 'config.json': JSON.stringify({ repositories }) });
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  expect(await runTask(root, 'platform.add', 'built', { from: 'composer:demo/project:1.2.3' })).toMatchObject(done);
  const made = join(stack.paths.platforms, 'built');
  expect(readFileSync(join(made, 'built-by'), 'utf8').trim()).toBe(String(stack.policy.uidBase));
  expect(statSync(join(made, 'built-by'))).toMatchObject({ uid: 0, gid: 0 });
  expect(statSync(join(made, 'vendor/autoload.php'))).toMatchObject({ uid: 0 });
  expect(
    execFileSync('sh', ['-c', `ps -o stat= -U ${stack.policy.uidBase} | grep -v Z || true`], {
      encoding: 'utf8',
    }).trim(),
  ).toBe('');
});

it('makes a platform of a project of Composer with real code, and a site on it answers', async () => {
  const tree = await debianTree(stack.root, 'wordpress');
  tellPlace(tree, join(stack.paths.platforms, 'composed'));
  // A package that the project needs, and code that finds it by Composer's loader.
  const needed = join(folder, 'needed');
  const autoload = { 'psr-4': { 'Demo\\': '.' } };
  put(needed, {
    'composer.json': JSON.stringify({ name: 'demo/needed', version: '1.0.0', autoload }),
    'Needed.php': `<?php\nnamespace Demo;\nclass Needed { const WORDS = 'loaded by Composer'; }\n`,
  });
  put(tree, {
    'composer.json': JSON.stringify({ name: 'demo/shop', version: '2.0.0', require: { 'demo/needed': '^1.0' } }),
  });
  const uses = `\nrequire ABSPATH . 'vendor/autoload.php';\nadd_action('wp_head', function () { echo Demo\\Needed::WORDS; });\n`;
  appendFileSync(join(tree, 'wp-includes/default-filters.php'), uses);
  const from = (url: string) => ({ type: 'path', url, options: { symlink: false } });
  const repositories = [from(tree), from(needed), { packagist: false }];
  put(join(stack.paths.etc, 'composer'), { 'config.json': JSON.stringify({ repositories }) });
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  expect(await runTask(root, 'platform.add', 'composed', { from: 'composer:demo/shop:^2' })).toMatchObject(done);
  rmSync(tree, { recursive: true });
  const args = { platform: 'composed', title: 'From Composer', adminMail: 'a@example.test' };
  expect(await runTask(root, 'site.install', 'composed.example.test', args)).toMatchObject(done);
  const { body } = await stack.fetch(`composed.example.test:${stack.port}`, '/');
  expect(body).toContain('From Composer');
  expect(body).toContain('loaded by Composer');
});

it('installs what a composer.lock of a repository says', async () => {
  const lock = { 'content-hash': '', packages: [], 'packages-dev': [], platform: {}, 'plugin-api-version': '2.3.0' };
  const files = { ...code('10.3.0'), 'composer.json': '{"name":"demo/locked"}', 'composer.lock': JSON.stringify(lock) };
  const url = repository('locked', [['v1', files]]);
  expect(await runTask(root, 'platform.add', 'locked', { from: `git:${url}` })).toMatchObject(done);
  expect(existsSync(join(stack.paths.platforms, 'locked/vendor/autoload.php'))).toBe(true);
});

it('a build that fails leaves nothing', async () => {
  const task = await runTask(root, 'platform.add', 'failing', { from: 'composer:demo/unknown' });
  expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'BUILD_FAILED' } });
  expect(existsSync(join(stack.paths.platforms, '.new-failing'))).toBe(false);
  expect(findPlatform(root.inventory, 'failing')).toBeUndefined();
});
