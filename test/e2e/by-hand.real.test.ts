import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAudit } from '../../src/db/audit.ts';
import { findSite } from '../../src/db/sites.ts';
import { openStackRoot, type StackRoot } from '../support/inventory.ts';
import { copyOf, debianTree, givenTrees } from '../support/platforms.ts';
import { program } from '../support/program.ts';
import { runTask } from '../support/run-task.ts';
import { phpBranch, type Stack, startStack } from '../support/stack.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';

let stack: Stack;
let root: StackRoot;
const uri = 'hand.example.test';
const terminals: Terminal[] = [];

beforeAll(async () => {
  stack = await startStack();
  root = openStackRoot(stack);
  await site('wp', uri, await debianTree(stack.root, 'wordpress'));
});

afterAll(async () => {
  for (const terminal of terminals) {
    try {
      terminal.kill('SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  root?.inventory.close();
  await stack?.stop();
});

async function site(platform: string, name: string, tree: string): Promise<void> {
  const done = { error: null, state: 'succeeded' };
  expect(await runTask(root, 'platform.add', platform, { from: `path:${tree}` })).toMatchObject(done);
  const args = { platform, title: 'By hand', adminMail: 'a@example.test' };
  expect(await runTask(root, 'site.install', name, args)).toMatchObject(done);
}

const words = (...given: string[]): string[] => [program, '--root', stack.root, ...given];

function aegir(given: string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, words(...given), {
    input,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: homedir(), ...env },
  });
  return { status, stdout, stderr };
}

/** A shell of root's on a terminal. */
async function shell(): Promise<Terminal> {
  const env = { PS1: 'root# ', HOME: homedir(), PATH: process.env.PATH ?? '' };
  const terminal = startTerminal({ command: '/bin/bash', args: ['--norc', '--noprofile', '-i'], cols: 160, env });
  terminals.push(terminal);
  await terminal.waitFor('root#');
  return terminal;
}

const typed = (...given: string[]): string =>
  [process.execPath, ...words(...given)].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');

describe('a command in a site', () => {
  it('runs as the site’s user in its code, knows its site, and its exit code is ours', () => {
    const handle = findSite(root.inventory, uri)?.handle ?? '';
    const ran = aegir(['site', 'exec', uri, '--', 'sh', '-c', 'id -un; id -Gn; pwd; echo "$HOME $AEGIR_URI"; exit 7']);
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(7);
    const home = `${stack.root}/sites/${handle}`;
    const code = root.inventory.prepare<[], string>('SELECT root FROM platform').pluck().get();
    expect(ran.stdout.split('\n')).toEqual([handle, handle, code, `${home} ${uri}`, '']);
  });

  it('finds the PHP that serves the site, and with it the content', () => {
    const php = `require 'wp-load.php'; echo PHP_VERSION, ' ', get_bloginfo('name');`;
    expect(aegir(['site', 'exec', uri, '--', 'php', '-r', php]).stdout).toMatch(
      new RegExp(`^${phpBranch()}\\.\\S+ By hand$`),
    );
  });

  it('takes standard input and gives standard output, byte by byte', () => {
    expect(aegir(['site', 'exec', uri, '--', 'tr', 'a-z', 'A-Z'], { input: 'a line\n' }).stdout).toBe('A LINE\n');
  });

  it('is told of in the audit', () => {
    expect(listAudit(root.inventory, 1)).toMatchObject([{ action: 'site.exec', objectName: uri, actor: 'root' }]);
  });

  it('is refused in a read-only session, and where there is no such site', () => {
    expect(aegir(['--read-only', 'site', 'exec', uri, '--', 'true'])).toMatchObject({ status: 3 });
    const missing = aegir(['site', 'exec', 'hnad.example.test', '--', 'true']);
    expect(missing).toMatchObject({ status: 4, stderr: expect.stringContaining(`Did you mean ${uri}?`) });
  });

  it.skipIf(givenTrees().length === 0)(
    'is the CMS’s own tool where its code brings one (needs AEGIR_TEST_PLATFORMS)',
    async () => {
      const tree = givenTrees().find((path) => existsSync(join(path, 'vendor/bin/drush'))) ?? '';
      await site('given', 'tool.example.test', await copyOf(stack.root, tree));
      const ran = aegir(['site', 'exec', 'tool.example.test', '--', 'drush', 'status', '--format=json']);
      const { uri: found, site: folder, bootstrap } = JSON.parse(ran.stdout) as Record<string, string>;
      expect({ found, folder, bootstrap }).toEqual({
        found: expect.stringContaining('http://tool.example.test'),
        folder: 'sites/tool.example.test',
        bootstrap: 'Successful',
      });
    },
  );
});

describe('a shell in a site', () => {
  it('stands on a terminal of its own, in colour and size as ours, and goes back to our shell', async () => {
    const terminal = await shell();
    await terminal.type('tty\r');
    const ours = /\/dev\/pts\/\d+/.exec(await terminal.waitFor(/\/dev\/pts\/\d+/))?.[0];
    await terminal.type(`clear; ${typed('site', 'shell', uri)}\r`);
    await terminal.waitFor(`@${uri} $`);
    await terminal.type('clear; readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2; stty size; echo $TERM\r');
    const screen = await terminal.waitFor('xterm-256color');
    expect(screen.match(/\/dev\/pts\/\d+/g)).toHaveLength(3);
    for (const theirs of screen.match(/\/dev\/pts\/\d+/g) ?? []) expect(theirs).not.toBe(ours);
    expect(screen).toContain('24 160');
    await terminal.resize(120, 30);
    await terminal.type('clear; stty size\r');
    await terminal.waitFor('30 120');
    await terminal.type('sleep 60\r');
    await terminal.press('ctrl-c');
    // What is typed while the terminal forgets what was typed before ctrl-c is forgotten too.
    await terminal.waitFor(/\^C\s+\S+ \$\s*$/);
    await terminal.settle(300);
    await terminal.type('exit 5\r');
    await terminal.waitFor('root#');
    await terminal.type('clear; echo "code $?, mode $(stty -a | grep -o "[-]*icanon")"\r');
    await terminal.waitFor('mode icanon');
  });

  it('cannot type into the shell of root that it was opened from', async () => {
    const terminal = await shell();
    // TIOCSTI, as in ioctl_tty(2): what is put into a terminal's input is read by whoever comes next.
    const steal = 'for (split //, "id -u > /tmp/aegtest-stolen\\n") { ioctl(STDIN, 0x5412, $_); } print "tried\\n"';
    await terminal.type(`${typed('site', 'exec', uri, '--', 'perl', '-e', steal)}\r`);
    await terminal.waitFor(/^tried/m);
    await terminal.waitFor(/root# $|root#$/m);
    await terminal.type('echo still here\r');
    await terminal.waitFor(/^still here/m);
    expect(existsSync('/tmp/aegtest-stolen')).toBe(false);
  });

  it('hands a command no terminal of ours when its output goes to a file', async () => {
    const terminal = await shell();
    const file = join(stack.root, 'out');
    const look = 'readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2; ps -o tty= -p $$';
    await terminal.type(`${typed('site', 'exec', uri, '--', 'sh', '-c', look)} > ${file}; echo ended $?\r`);
    await terminal.waitFor(/^ended 0/m);
    expect(readFileSync(file, 'utf8')).not.toContain('/dev/pts');
    expect(readFileSync(file, 'utf8').split('\n').at(-2)).toBe('?');
  });
});

describe('the console', () => {
  it('steps aside for a shell in the site as its user, and is back as it was', async () => {
    const env = { PATH: process.env.PATH ?? '', HOME: homedir() };
    const args = [program, '--root', stack.root];
    const terminal = startTerminal({ command: process.execPath, args, env });
    terminals.push(terminal);
    await terminal.waitFor('v verify');
    await terminal.type(`/${uri}\r`);
    await terminal.waitFor('Sites 1');
    await terminal.press('x');
    await terminal.waitFor('"exit" to go back to the console');
    await terminal.waitFor(`@${uri} $`);
    await terminal.type('id -un; tty\r');
    await terminal.waitFor(`${findSite(root.inventory, uri)?.handle}`);
    await terminal.type('exit\r');
    await terminal.waitFor('Sites 1');
    expect(terminal.onAlternateScreen()).toBe(true);
    await terminal.press('S');
    await terminal.waitFor(/MariaDB \[\w+\]>/);
    await terminal.press('ctrl-d');
    await terminal.waitFor('Sites 1');
    await terminal.type(':exec id -un; exit 3\r');
    await terminal.waitFor('Press enter to go back');
    await terminal.press('enter');
    await terminal.waitFor('The command exited with status 3.');
    await terminal.press('ctrl-c', 'ctrl-c');
    expect((await terminal.exit).code).toBe(0);
  });
});

describe('the database of a site', () => {
  it('answers statements as the site’s own account', () => {
    const { handle, databaseName } = findSite(root.inventory, uri) ?? { handle: '', databaseName: '' };
    const ran = aegir(['site', 'db', uri], { input: 'SELECT CURRENT_USER(), DATABASE()\n' });
    expect(ran.stdout).toBe(`CURRENT_USER()\tDATABASE()\n${handle}@localhost\t${databaseName}\n`);
  });

  it('has a prompt on a terminal', async () => {
    const terminal = await shell();
    await terminal.type(`${typed('site', 'db', uri)}\r`);
    await terminal.waitFor(/MariaDB \[\w+\]>/);
    await terminal.type('SELECT 6 * 7;\r');
    await terminal.waitFor(/\|\s+42 \|/);
    await terminal.press('ctrl-d');
    await terminal.waitFor(/root#$/m);
  });
});

describe('editing a site’s own lines', () => {
  const editor = (script: string): { EDITOR: string } => {
    const file = join(stack.root, 'editor');
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return { EDITOR: file };
  };
  const settings = (): string => {
    const found = findSite(root.inventory, uri);
    return join(stack.root, `sites/${found?.handle}/releases/${found?.release}/settings/local.settings.php`);
  };
  const vhost = (): string => join(stack.root, `etc/sites/${findSite(root.inventory, uri)?.handle}/local.vhost.conf`);

  it('takes what was written; the file stays whose it was', () => {
    const before = lstatSync(settings());
    const env = editor(`rm "$1"; printf "<?php\\ndefine('HAND', 'yes');\\n" > "$1"; chmod 666 "$1"`);
    const ran = aegir(['site', 'edit', uri, 'settings'], { env });
    expect(ran).toMatchObject({ status: 0, stdout: `${settings()} was changed\n` });
    const { uid, gid, mode } = lstatSync(settings());
    expect({ uid, gid, mode }).toEqual({ uid: before.uid, gid: before.gid, mode: before.mode });
    const php = `require 'wp-load.php'; echo HAND;`;
    expect(aegir(['site', 'exec', uri, '--', 'php', '-r', php]).stdout).toBe('yes');
  });

  it('does not take what PHP cannot read', () => {
    const before = readFileSync(settings(), 'utf8');
    const ran = aegir(['site', 'edit', uri, 'settings'], { env: editor('echo "<?php if (" > "$1"'), input: 'n\n' });
    expect(ran.stderr).toMatch(/Refused: PHP Parse error: .* in local\.settings\.php on line 2/);
    expect(ran).toMatchObject({ status: 0, stdout: `${settings()} was not changed\n` });
    expect(readFileSync(settings(), 'utf8')).toBe(before);
  });

  it('does not take what the web server refuses, and says what it is that puts the rest to use', () => {
    const refused = aegir(['site', 'edit', uri, 'vhost'], { env: editor('echo "no_such 1;" > "$1"'), input: 'n\n' });
    expect(refused.stderr).toMatch(/Refused: .*no_such/);
    expect(readFileSync(vhost(), 'utf8')).not.toContain('no_such');
    const taken = aegir(['site', 'edit', uri, 'vhost'], { env: editor('echo "add_header X-Hand yes;" > "$1"') });
    expect(taken.stdout).toContain(`To apply the change: aegir site verify ${uri}`);
    expect(readFileSync(vhost(), 'utf8')).toContain('X-Hand');
  });

  it('names the files that there are', () => {
    const ran = aegir(['site', 'edit', uri, 'nothing'], { env: editor('true') });
    expect(ran).toMatchObject({ status: 2, stderr: expect.stringContaining('vhost, pool, settings') });
  });

  it('leaves nothing of the copy', () => {
    expect(execFileSync('sh', ['-c', 'ls -d /tmp/aegir-edit-* 2>/dev/null | wc -l'], { encoding: 'utf8' })).toBe('0\n');
  });
});
