import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLocalPhp } from '../../src/setup/choose-php.ts';
import { barePath } from '../support/bare-path.ts';
import { ask } from '../support/http-client.ts';
import { openTo, pathsBelow } from '../support/open-to.ts';
import { program } from '../support/program.ts';

/** Debian's own number for the user that owns nothing. */
const NOBODY = 65_534;
const project = process.cwd();
const node = join(project, 'node_modules/node/bin/node');
const local = await findLocalPhp();
const fit = local !== undefined && local.lacks.length === 0;

let home: string;
let bare: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'aegtest-'));
  // A machine with Node and nothing else: no PHP, no web server, no database.
  bare = barePath(home, ['node', 'npm', 'sh', 'env']);
  chmodSync(home, 0o755);
  if (canBeNobody()) chownSync(home, NOBODY, NOBODY);
}, 120_000);

afterAll(() => {
  for (const name of ['wasm', 'local']) aegir(name, ['try', '--remove', '--yes']);
  rmSync(home, { recursive: true, force: true });
});

describe('aegir try on a machine with nothing but Node', () => {
  let url = '';
  let login = '';

  it('makes a real site that answers with its title', async () => {
    const made = aegir('wasm', ['try', '--yes', '--json', '--detach', '--title', 'Trial of one'], 240_000);
    expect(made.stderr).toBe('');
    ({ url, login } = JSON.parse(made.stdout) as { url: string; login: string });
    expect(url).toMatch(/^http:\/\/try\.localhost:\d+\/$/);
    const page = await get(url);
    expect(page.status).toBe(200);
    expect(page.body).toContain('<title>Trial of one');
  }, 250_000);

  it('lets nobody else into its folder, whose content anybody could open', async () => {
    const root = join(home, 'wasm');
    expect(statSync(root).mode & 0o777).toBe(0o700);
    if (!canBeNobody()) return;
    const stranger = { uid: NOBODY - 1, gid: NOBODY - 1 };
    const open = await openTo(stranger, pathsBelow(root));
    expect([...open].filter(([path]) => !lstatSync(path).isSymbolicLink())).toEqual([]);
  });

  it('gives a link that logs in once', async () => {
    const first = await get(login);
    expect(first.status).toBe(302);
    const cookie = (first.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
    expect((await get(`${url}wp-admin/`, { cookie })).body).toContain('Dashboard');
    expect((await get(login)).status).toBe(403);
  });

  it('lets every command work on it, with a worker in the background', () => {
    const [site] = JSON.parse(aegir('wasm', ['site', 'list', '--json']).stdout) as Record<string, unknown>[];
    expect(site).toMatchObject({ uri: 'try.localhost', state: 'enabled', database: { driver: 'sqlite' } });
    expect(aegir('wasm', ['site', 'verify', 'try.localhost', '--wait', '--json'])).toMatchObject({ status: 0 });
    expect(aegir('wasm', ['server', 'verify', '--wait', '--json'])).toMatchObject({ status: 0 });
    expect(aegir('wasm', ['status']).stdout).toContain('wasm');
    expect(aegir('wasm', ['doctor'])).toMatchObject({ status: 0 });
  }, 240_000);

  it('installs a second site beside it, and deletes it whole', async () => {
    const args = ['--platform', 'trial', '--admin-mail', 'a@example.test', '--wait', '--json'];
    expect(aegir('wasm', ['site', 'install', 'two.localhost', ...args])).toMatchObject({ status: 0 });
    expect((await get(url.replace('try', 'two'))).body).toContain('<title>two.localhost');
    const gone = ['site', 'delete', 'two.localhost', '--confirm', 'two.localhost', '--wait', '--json'];
    expect(aegir('wasm', gone)).toMatchObject({ status: 0 });
    expect((await get(url.replace('try', 'two'))).status).toBe(404);
    expect(readdirSync(join(home, 'wasm/sites'))).toEqual(['aeg1']);
  }, 240_000);

  it('is backed up, restored, cloned, and the copy deleted', async () => {
    const does = (...words: string[]): string => {
      const { status, stdout, stderr } = aegir('wasm', ['site', ...words, '--wait'], 120_000);
      expect({ status, text: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, text: '' });
      return stdout;
    };
    const [, backup = ''] = /^saved as (\S+)$/m.exec(does('backup', 'try.localhost')) ?? [];
    does('restore', 'try.localhost', '--backup', backup, '--confirm', 'try.localhost');
    does('clone', 'copy.localhost', '--source', 'try.localhost');
    for (const name of ['try', 'copy'])
      expect((await get(url.replace('try', name))).body).toContain('<title>Trial of one');
    does('delete', 'copy.localhost', '--confirm', 'copy.localhost');
    expect((await get(url.replace('try', 'copy'))).status).toBe(404);
  }, 240_000);

  it('is worked in by hand: its own PHP knows which site is meant, its database answers, its settings are edited', () => {
    const php = ['php', '-r', `require 'wp-load.php'; echo get_bloginfo('name');`];
    expect(aegir('wasm', ['site', 'exec', 'try.localhost', '--', ...php])).toMatchObject({
      status: 0,
      stdout: 'Trial of one',
    });
    const where = aegir('wasm', ['site', 'exec', 'try.localhost', '--', 'sh', '-c', 'echo "$AEGIR_URI"; pwd; exit 3']);
    expect(where).toMatchObject({ status: 3, stdout: `try.localhost\n${join(home, 'wasm/platforms/trial')}\n` });
    const database = aegir('wasm', ['site', 'db', 'try.localhost']);
    if (existsSync('/usr/bin/sqlite3')) expect(database).toMatchObject({ status: 0, stderr: '' });
    else expect(database.stderr).toContain('CLIENT_MISSING sqlite3 is not installed. Install the package sqlite3.');
    const editor = join(home, 'editor');
    writeFileSync(editor, `#!/bin/sh\necho "define('HAND', 'edited');" >> "$1"\n`, { mode: 0o755 });
    const edited = aegir('wasm', ['site', 'edit', 'try.localhost', 'settings'], 60_000, bare, { EDITOR: editor });
    expect(edited.stdout).toMatch(/local\.settings\.php was changed\n$/);
    const constant = ['php', '-r', `require 'wp-load.php'; echo HAND;`];
    expect(aegir('wasm', ['site', 'exec', 'try.localhost', '--', ...constant]).stdout).toBe('edited');
  }, 240_000);

  it('refuses a CMS for which PHP lacks something, before anything is made, and another PHP than it has', () => {
    const tree = join(home, 'spip');
    mkdirSync(join(tree, 'ecrire'), { recursive: true });
    writeFileSync(join(tree, 'ecrire/inc_version.php'), "<?php\n$spip_version_branche = '4.4.3';\n");
    // What lies in a folder is used where it is, so it must belong to whoever runs the trial.
    if (canBeNobody()) for (const path of readdirSync(tree, { recursive: true })) own(join(tree, String(path)));
    if (canBeNobody()) own(tree);
    expect(aegir('wasm', ['platform', 'add', 'spip', '--from', `path:${tree}`, '--wait'])).toMatchObject({ status: 0 });
    const args = ['--platform', 'spip', '--admin-mail', 'a@example.test', '--wait'];
    const refused = aegir('wasm', ['site', 'install', 'journal.localhost', ...args]);
    expect(refused.stderr).toMatch(/PHP_UNFIT PHP 8.4 \(wasm\) lacks sodium, which SPIP needs.*try --php local/);
    expect(readdirSync(join(home, 'wasm/sites'))).toEqual(['aeg1']);
    expect(aegir('wasm', ['try', '--php', 'local', '--detach']).stderr).toContain('PHP_CHOSEN');
  }, 240_000);

  it('leaves no process behind when it is stopped, and is there again when it is begun again', async () => {
    expect(aegir('wasm', ['try', '--stop'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/try --root \S+" starts it again/),
    });
    expect(processesOf(join(home, 'wasm'))).toEqual([]);
    const again = aegir('wasm', ['try', '--json', '--detach']);
    expect(JSON.parse(again.stdout)).toMatchObject({ url, title: 'Trial of one' });
    expect((await get(url)).status).toBe(200);
  }, 240_000);

  it('takes the next free port when its own is taken, and its pages lead there', async () => {
    expect(aegir('wasm', ['try', '--stop'])).toMatchObject({ status: 0 });
    const { port } = new URL(url);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(Number(port), '127.0.0.1', resolve));
    expect(aegir('wasm', ['try', '--detach', '--port', port]).stderr).toContain('PORT_TAKEN');
    const again = aegir('wasm', ['try', '--json', '--detach'], 120_000);
    await new Promise((resolve) => other.close(resolve));
    ({ url } = JSON.parse(again.stdout) as { url: string });
    expect(new URL(url).port).not.toBe(port);
    const page = await get(url);
    expect(page.status).toBe(200);
    expect(page.body).not.toContain(`localhost:${port}/`);
  }, 150_000);

  it('is no server: setup refuses it', () => {
    // Without --yes: where the trial was not made, setup would take this very machine.
    const refused = aegir('wasm', ['setup']);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('ROOT_IS_TRIAL');
  });

  it('says what it tried when no source has the code, and leaves no half of it', () => {
    const refused = aegir('none', ['try', '--detach', '--php', 'wasm', '--from', 'archive:/nonexistent.tar.gz']);
    expect(refused.stderr).toContain('NO_SOURCE');
    expect(refused.stderr).toContain('/nonexistent.tar.gz');
    expect(aegir('none', ['site', 'list', '--json']).stdout.trim()).toBe('[]');
    expect(processesOf(join(home, 'none'))).toEqual([]);
    expect(aegir('none', ['try', '--remove', '--yes']).status).toBe(0);
  }, 240_000);

  it('refuses a PHP that is not there, and a root that is too long', () => {
    expect(aegir('none', ['try', '--php', 'local']).stderr).toContain('PHP_UNFIT');
    expect(aegir('x'.repeat(100), ['try']).stderr).toContain('ROOT_TOO_LONG');
  });
});

describe.runIf(fit)(`aegir try with a PHP of the machine${fit ? '' : ' (needs a PHP with SQLite)'}`, () => {
  it('makes a site of a platform that is there already', async () => {
    const from = `path:${join(home, 'wasm/platforms/trial')}`;
    const made = aegir(
      'local',
      ['try', '--yes', '--json', '--detach', '--php', 'local', '--from', from],
      120_000,
      process.env.PATH,
    );
    expect(made.stderr).toBe('');
    const { url, login } = JSON.parse(made.stdout) as { url: string; login: string };
    expect((await get(url)).body).toContain('<title>My site');
    expect((await get(login)).status).toBe(302);
    expect(aegir('local', ['try', '--stop']).status).toBe(0);
    expect(processesOf(join(home, 'local'))).toEqual([]);
  }, 150_000);
});

function aegir(
  name: string,
  words: string[],
  timeout = 120_000,
  path = bare,
  more: Record<string, string> = {},
): { status: number | null; stdout: string; stderr: string } {
  const command = [node, program, '--root', join(home, name), ...words];
  const as = canBeNobody()
    ? ['/usr/bin/setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--']
    : [];
  const [file = '', ...args] = [...as, ...command];
  // How npm reaches its registry is the machine's own affair; where npm keeps its files is this user's.
  const npm = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_(registry|cafile|ca|strict_ssl|https?_proxy|proxy|noproxy)|https?_proxy|no_proxy|NODE_EXTRA.*)$/i.test(
      name,
    ),
  );
  const env = { ...Object.fromEntries(npm), PATH: path, HOME: home, ...more };
  const { status, stdout, stderr } = spawnSync(file, args, { cwd: '/', encoding: 'utf8', timeout, env });
  return { status, stdout, stderr };
}

/** The same as an ordinary user's, where this is run by root and such a user may read the program. */
function canBeNobody(): boolean {
  if (process.getuid?.() !== 0) return false;
  for (let folder = project; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o005) !== 0o005) return false;
    if (folder === dirname(folder)) return true;
  }
}

const own = (path: string): void => chownSync(path, NOBODY, NOBODY);

function get(address: string, headers: Record<string, string> = {}) {
  const { port, host, pathname, search } = new URL(address);
  return ask(Number(port), host, `${pathname}${search}`, { headers });
}

/** The living processes that have a folder among their words. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((words) => words.includes(folder));
}
