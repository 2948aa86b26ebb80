import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { insertClient } from '../../src/db/clients.ts';
import { consoleProgram, endWithTest, openConsole } from '../support/open-console.ts';
import { seedInventory } from '../support/seed-inventory.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';

/** The looks that were sent: SGR numbers. */
const looks = (terminal: Terminal): Set<string> =>
  new Set([...terminal.raw().matchAll(/\u001b\[([\d;]*)m/g)].map(([, numbers = '']) => numbers));

const weights = ['1', '2', '7', '22', '27'];

describe('the looks of the console', () => {
  it.each(['xterm', 'xterm-256color', 'screen-256color', 'tmux-256color', 'linux'])(
    'are the sixteen named colours on %s, so that the palette of the terminal holds',
    async (TERM) => {
      const { terminal } = await openConsole({ env: { TERM } });
      await terminal.press('j', '?', 'esc', 'd', 'esc', '4', 'enter');
      for (const look of looks(terminal)) expect([...weights, '31', '32', '33', '36', '39']).toContain(look);
    },
  );

  it('are others on a light background: no yellow, no cyan', async () => {
    const { terminal } = await openConsole({ config: { theme: 'light' } });
    await terminal.press('j', '?', 'esc', 'd', 'esc', '4', 'enter');
    for (const look of looks(terminal)) expect([...weights, '31', '32', '34', '35', '39']).toContain(look);
    expect(looks(terminal)).toContain('34');
  });

  it('go by what the terminal says of its background', async () => {
    const { terminal } = await openConsole({ env: { COLORFGBG: '0;15' } });
    expect(looks(terminal)).not.toContain('36');
  });

  it.each([
    ['NO_COLOR', { env: { NO_COLOR: '1' } }],
    ['theme mono', { config: { theme: 'mono' } }],
  ])('are weight alone with %s, and signs say what colours do', async (_how, options) => {
    const { terminal } = await openConsole(options);
    await terminal.press('j');
    for (const look of looks(terminal)) expect(weights).toContain(look);
    expect(looks(terminal)).toContain('7');
    expect(terminal.text()).toMatch(/forum\.example\.test .* ● enabled .* ✗ verify/);
  });

  it.each([
    ['the locale', { env: { LANG: 'C' } }],
    ['config.json', { config: { glyphs: 'ascii' } }],
  ])('are plain ASCII by %s, on every page', async (_how, options) => {
    const { terminal } = await openConsole(options);
    const keys = ['?', 'down', 'esc', 'd', 'esc', 'n', 'esc', 'ctrl-p', 'esc', ':', 's', 'esc', '2', '4', 'enter'];
    // One by one: on a busy machine an escape and the next key may come as one.
    for (const key of keys) await terminal.press(key);
    await terminal.waitFor('Write the settings');
    expect(terminal.raw()).not.toMatch(/[^\u0000-\u007e]/);
  });
});

it('only sequences are sent that mosh knows as well: it has no "next line"', async () => {
  const { terminal } = await openConsole();
  await terminal.press('j', 'G', '?', 'down', 'esc', '4', 'enter', 'q', '/', 'v', 'enter', 'esc');
  await terminal.resize(100, 30);
  await terminal.press('2', '1', 'q');
  await terminal.exit;
  const ends = new Set([...terminal.raw().matchAll(/\u001b\[[\d;?]*([@-~])/g)].map(([, end]) => end));
  for (const end of ends) expect('ABCGHJKXhlmt').toContain(end);
});

describe('wide and combining characters', () => {
  it('take the cells that they take, and columns stand under each other', async () => {
    const { terminal, seeded } = await openConsole({ cols: 100 });
    const names = ['漢字の会社', 'Zoe\u0308', '👩‍👩‍👧 family', '한국어', 'plain'];
    for (const name of names)
      insertClient(seeded.db, { name, mail: 'x@example.test', maxSites: null, maxDiskBytes: null });
    await terminal.press('6');
    await terminal.waitFor('Clients 6');
    await terminal.settle(100);
    const column = terminal.column('MAIL', 2);
    expect(column).toBeGreaterThan(0);
    // What an emoji takes, terminals do not agree on: it must only push nothing down.
    for (const row of [3, 4, 5, 6, 7, 8].filter((row) => /x@example/.test(terminal.lines()[row] ?? ''))) {
      const line = terminal.lines()[row] ?? '';
      if (!/family|u\{200d\}/.test(line))
        expect(`${line} ${terminal.column('x@', row)}`).toMatch(new RegExp(` ${column}$`));
    }
    expect(terminal.text()).toContain('x@example.test');
    await terminal.resize(60, 15);
    await terminal.waitFor(/\? help$/);
    for (const name of ['漢字の会社', '한국어']) expect(terminal.text()).toContain(name);
  });
});

describe('in the terminal’s own screen', () => {
  it('the console leaves what stood there in the scrollback, and its last picture behind it', async () => {
    const root = mkdtempSync(join(tmpdir(), 'aegir-console-'));
    const seeded = seedInventory(root);
    const env = { AEGIR_ROOT: root, PS1: 'shell> ' };
    writeConfig(root, { alternateScreen: false });
    const terminal = startTerminal({ command: '/bin/bash', args: ['--norc', '--noprofile', '-i'], env });
    endWithTest({ terminal, seeded, root });
    await terminal.waitFor('shell>');
    await terminal.type(`echo what stood there; ${process.execPath} ${consoleProgram()}\r`);
    await terminal.waitFor('v verify');
    expect(terminal.onAlternateScreen()).toBe(false);
    await terminal.press('j', 'j', '2', '1');
    await terminal.waitFor(/^▸ {2}new\.example\.test/m);
    await terminal.resize(100, 30);
    await terminal.waitFor(/^ aegir/m);
    await terminal.press('k');
    await terminal.waitFor(/^▸ {2}forum\.example\.test/m);
    await terminal.press('q');
    await terminal.waitFor('left: quit none');
    expect(terminal.text()).toContain('shop.example.test');
    expect(terminal.scrollback().join('\n')).toContain('what stood there');
    expect(terminal.scrollback().filter((line) => line.includes('aegir  ')).length).toBeLessThanOrEqual(2);
  });
});

describe('a signal that stops', () => {
  it('puts the terminal back first, and the console is as it was when it goes on', async () => {
    const root = mkdtempSync(join(tmpdir(), 'aegir-console-'));
    const seeded = seedInventory(root);
    const env = { AEGIR_ROOT: root, PS1: 'shell> ' };
    const terminal = startTerminal({ command: '/bin/bash', args: ['--norc', '--noprofile', '-i'], env });
    endWithTest({ terminal, seeded, root });
    await terminal.waitFor('shell>');
    await terminal.type(`${process.execPath} ${consoleProgram()}\r`);
    await terminal.waitFor('v verify');
    await terminal.press('j');
    const [pid = ''] = execFileSync('ps', ['-o', 'pid=', '--ppid', String(terminal.pid)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    process.kill(Number(pid), 'SIGTSTP');
    await terminal.waitFor('Stopped');
    expect(terminal.onAlternateScreen()).toBe(false);
    await terminal.type('stty -a | grep -o " echo "; tput cols\r');
    await terminal.waitFor('echo');
    await terminal.resize(120, 30);
    await terminal.type('fg\r');
    await terminal.waitFor(/^▸ {2}forum\.example\.test/m);
    await terminal.waitFor(/^ aegir .{90,}queue/);
    await terminal.press('q');
    await terminal.waitFor('left: quit none');
  });
});

describe.runIf(spawnSync('tmux', ['-V']).status === 0)('in tmux (needs tmux)', () => {
  // Now and then the emulator of the outer terminal wraps what tmux is about to draw anew.
  it('the console is drawn whole, through resizes, and leaves the pane as it was', { retry: 3 }, async () => {
    const root = mkdtempSync(join(tmpdir(), 'aegir-console-'));
    const seeded = seedInventory(root);
    const socket = join(root, 'tmux');
    const tmux = (...args: string[]): string =>
      execFileSync('tmux', ['-S', socket, ...args], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
      });
    const inside = `AEGIR_ROOT=${root} ${process.execPath} ${consoleProgram()}; echo back; sleep 60`;
    const terminal = startTerminal({
      command: 'tmux',
      args: ['-S', socket, '-f', '/dev/null', 'new-session', inside],
      cols: 100,
      rows: 30,
    });
    try {
      await terminal.waitFor('v verify');
      expect(tmux('display-message', '-p', '#{pane_title}')).toMatch(/^aegir \S+ ▸1\n$/);
      for (const [cols, rows] of [
        [80, 24],
        [140, 40],
        [61, 16],
        [100, 30],
      ] as const) {
        await terminal.resize(cols, rows);
        await terminal.waitFor(/\? help\s*\n.*\[0\]/);
        const pane = tmux('capture-pane', '-p').trimEnd().split('\n');
        expect(pane[0]).toMatch(/^ aegir/);
        expect(pane.filter((line) => line.includes('? help'))).toHaveLength(1);
      }
      await terminal.press('j');
      await terminal.waitFor(/^▸ {2}forum\.example\.test/m);
      await terminal.press('q');
      await terminal.waitFor('back');
      expect(tmux('display-message', '-p', '#{alternate_on}')).toBe('0\n');
    } finally {
      tmux('kill-server');
      await terminal.exit;
      seeded.db.close();
      rmSync(root, { recursive: true, force: true });
    }
  });
});

function writeConfig(root: string, config: Record<string, unknown>): void {
  execFileSync('mkdir', ['-p', join(root, 'etc')]);
  writeFileSync(join(root, 'etc/config.json'), JSON.stringify({ console: config }));
}
