import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { consoleProgram } from '../support/open-console.ts';
import { seedInventory } from '../support/seed-inventory.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';

// The console behind what often stands between it and a person: GNU screen, and the line of mosh.

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Runs a test with a root of its own, which is gone after it. */
async function inRoot(test: (root: string, inside: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'aegir-console-'));
  const seeded = seedInventory(root);
  try {
    await test(root, `AEGIR_ROOT=${root} ${process.execPath} ${consoleProgram()}; echo back; sleep 60`);
  } finally {
    seeded.db.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Draws, at every size, and is left as a person leaves it. */
async function workThrough(terminal: Terminal): Promise<void> {
  await terminal.waitFor('v verify', 20_000);
  expect(terminal.lines()[0]).toMatch(/^ aegir/);
  for (const [cols, rows] of [
    [100, 30],
    [61, 16],
    [80, 24],
  ] as const) {
    await terminal.resize(cols, rows);
    // On the last line, not above lines that are still empty.
    await terminal.waitFor(/^ aegir.*\? help *$/s);
    await terminal.settle(200);
    expect(terminal.lines()[0]).toMatch(/^ aegir/);
    expect(terminal.lines().filter((line) => line.includes('? help'))).toHaveLength(1);
    expect(terminal.lines().at(-1)).toContain('? help');
  }
  await terminal.press('j');
  await terminal.waitFor(/^▸ {2}forum\.example\.test/m);
  await terminal.press('enter');
  await terminal.waitFor(/› forum\.example\.test/);
  await terminal.press('q', 'q');
  await terminal.waitFor('left: quit none');
  expect(terminal.text()).not.toContain('? help');
}

describe.runIf(has('screen'))('in GNU screen (needs screen)', () => {
  it('the console is drawn whole, through resizes, and leaves the window as it was', { timeout: 60_000 }, () =>
    inRoot(async (root, inside) => {
      const env = { SCREENDIR: join(root, 'screen'), SCREENRC: '/dev/null' };
      mkdirSync(env.SCREENDIR, { mode: 0o700 });
      // `-U`: its locale is UTF-8; the window has a screen of its own only where `altscreen` says so.
      const screen = ['-U', '-S', 'aegir', '/bin/sh', '-c', `echo before; ${inside}`];
      const terminal = startTerminal({ command: 'screen', args: screen, env: { ...env, TERM: 'xterm-256color' } });
      try {
        await workThrough(terminal);
      } finally {
        spawnSync('screen', ['-S', 'aegir', '-X', 'quit'], { env: { ...process.env, ...env } });
        await terminal.exit;
      }
    }),
  );
});

describe.runIf(has('mosh-server'))('over mosh (needs mosh)', () => {
  it('the console is drawn whole, through resizes, and gives the line back', { timeout: 60_000 }, () =>
    inRoot(async (_root, inside) => {
      const server = ['new', '-i', '127.0.0.1', '-p', '60001:60999', '--', '/bin/sh', '-c', inside];
      const env = { PATH: process.env.PATH, HOME: homedir(), LANG: 'C.UTF-8', MOSH_SERVER_NETWORK_TMOUT: '30' };
      const said = execFileSync('mosh-server', server, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] });
      const [, port = '', key = ''] = /^MOSH CONNECT (\d+) (\S+)/m.exec(said) ?? [];
      const terminal = startTerminal({
        command: 'mosh-client',
        args: ['127.0.0.1', port],
        env: { MOSH_KEY: key, MOSH_PREDICTION_DISPLAY: 'never' },
      });
      await workThrough(terminal);
      // Its own keys: leave, and end what runs there.
      await terminal.type('\u001e.');
      await terminal.exit;
      expect(terminal.onAlternateScreen()).toBe(false);
    }),
  );
});
