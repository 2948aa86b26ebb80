import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAudit } from '../../src/db/audit.ts';
import { listSites } from '../../src/db/sites.ts';
import { endTask } from '../../src/db/task-changes.ts';
import { consoleProgram, endWithTest, openConsole } from '../support/open-console.ts';
import { seedInventory } from '../support/seed-inventory.ts';
import { startTerminal } from '../support/terminal.ts';

let folder = '';
let env: Record<string, string> = {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-hand-'));
  writeFileSync(join(folder, '.bashrc'), `PS1='my shell> '\n`);
  env = { SHELL: '/bin/bash', HOME: folder };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the console steps aside', () => {
  it('for a shell, which gets every key, and comes back as it was', async () => {
    const { terminal, seeded } = await openConsole({ env });
    endTask(seeded.db, seeded.running, { state: 'succeeded' });
    await terminal.waitFor('queue empty');
    await terminal.press('j', 'j');
    const before = await terminal.waitFor(/^▸ {2}new\.example\.test/m);
    await terminal.press('!');
    await terminal.waitFor('my shell>');
    expect(terminal.onAlternateScreen()).toBe(false);
    const words = `qqjj ${'0123456789'.repeat(2)} ^[[A`;
    await terminal.type(`echo "said ${words}" $AEGIR_ROOT\r`);
    await terminal.waitFor(`said ${words} ${seeded.paths.root}`);
    await terminal.type('sleep 60\r');
    await terminal.press('ctrl-c');
    await terminal.press('ctrl-c');
    await terminal.type('echo $((6 * 7))\r');
    await terminal.waitFor(/^42$/m);
    await terminal.type('exit 3\r');
    await terminal.waitFor('v verify');
    expect(terminal.onAlternateScreen()).toBe(true);
    expect(terminal.text()).toBe(before);
    await terminal.press('k');
    await terminal.waitFor(/^▸ {2}forum\.example\.test/m);
    expect(listAudit(seeded.db, 1)).toMatchObject([{ action: 'server.shell' }]);
  });

  it('again and again', async () => {
    const { terminal } = await openConsole({ env });
    for (let round = 0; round < 3; round += 1) {
      await terminal.press('!');
      // The prompts of the rounds before stand there too.
      await expect.poll(() => terminal.raw().split('my shell> ').length, { timeout: 10_000 }).toBe(round + 2);
      await terminal.press('ctrl-d');
      await terminal.waitFor('v verify');
    }
    await terminal.press('q');
    expect((await terminal.exit).code).toBe(0);
  });

  it('and is drawn for the size that the terminal has when it comes back', async () => {
    const { terminal } = await openConsole({ env });
    await terminal.press('!');
    await terminal.waitFor('my shell>');
    await terminal.resize(120, 30);
    await terminal.type('stty size\r');
    const screen = await terminal.waitFor('30 120');
    expect(screen).not.toContain('PLATFORM');
    await terminal.type('exit\r');
    await terminal.waitFor('v verify');
    await terminal.waitFor(/^ aegir .{90,}queue 1/);
    expect(terminal.lines().at(-1)).toMatch(/\? help$/);
  });

  it('and ends with its shell when it is told to end', async () => {
    const { terminal } = await openConsole({ env });
    await terminal.press('!');
    await terminal.waitFor('my shell>');
    terminal.kill('SIGTERM');
    expect((await terminal.exit).code).toBe(0);
    await terminal.settle();
    expect(terminal.onAlternateScreen()).toBe(false);
    expect(terminal.text()).toContain('left: terminated cancel');
    expect(terminal.raw()).toContain('\u001b[?25h');
  });

  it('for a shell in the site under the cursor, for words there, and for its database', async () => {
    const { terminal } = await openConsole();
    await terminal.press('x');
    await terminal.waitFor('{kind:exec,uri:blog.example.test,line:}');
    await terminal.waitFor('Press enter to go back');
    await terminal.press('enter');
    await terminal.waitFor('v verify');
    await terminal.type(':exec echo $((6 * 7)) words\r');
    await terminal.waitFor(/^42 words/m);
    await terminal.press('enter');
    await terminal.waitFor('v verify');
    await terminal.press('S');
    await terminal.waitFor('v verify');
    expect(terminal.raw()).toContain('{kind:database,uri:blog.example.test}');
  });

  it('for an editor on one of the site’s own files', async () => {
    const { terminal, seeded } = await openConsole();
    await terminal.press('e');
    await terminal.waitFor('The local files of blog.example.test are not there');
    const [site] = listSites(seeded.db);
    const files = join(seeded.paths.etc, 'sites', site?.handle ?? '');
    mkdirSync(files, { recursive: true });
    for (const word of ['pool', 'vhost']) writeFileSync(join(files, `local.${word}.conf`), '');
    await terminal.press('e');
    await terminal.waitFor('Which file of blog.example.test?');
    expect(terminal.text()).toContain('vhost      lines of the web server');
    await terminal.press('right', 'enter');
    await terminal.waitFor('vhost is changed.');
  });

  it('and what it stepped aside for can be suspended, all of it, and go on', async () => {
    const root = mkdtempSync(join(tmpdir(), 'aegir-console-'));
    const seeded = seedInventory(root);
    const shellEnv = { AEGIR_ROOT: root, PS1: 'outer> ' };
    const terminal = startTerminal({ command: '/bin/bash', args: ['--norc', '--noprofile', '-i'], env: shellEnv });
    endWithTest({ terminal, seeded, root });
    await terminal.waitFor('outer>');
    await terminal.type(`${process.execPath} ${consoleProgram()}\r`);
    await terminal.waitFor('v verify');
    await terminal.type(':exec sleep 1; echo went on\r');
    await terminal.waitFor('outer> ');
    await terminal.press('ctrl-z');
    await terminal.waitFor('Stopped');
    await terminal.type('fg\r');
    await terminal.waitFor(/^went on/m);
    await terminal.press('enter');
    await terminal.waitFor('v verify');
    expect(terminal.onAlternateScreen()).toBe(true);
    await terminal.press('q');
    await terminal.waitFor('left: quit none');
  });

  it('not in a read-only session, nor where there is no site', async () => {
    const { terminal } = await openConsole({ env: { ...env, AEGIR_TEST_READ_ONLY: '1' } });
    for (const key of ['!', 'x', 'S', 'e']) {
      await terminal.press(key);
      await terminal.waitFor('this is a read-only session');
      await terminal.press('j');
    }
    expect(terminal.onAlternateScreen()).toBe(true);
  });
});
