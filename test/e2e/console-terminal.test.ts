import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { endTask } from '../../src/db/task-changes.ts';
import { consoleProgram, endWithTest, openConsole } from '../support/open-console.ts';
import { seedInventory } from '../support/seed-inventory.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';

describe('the terminal', () => {
  it('is drawn whole at every size, through a storm of resizes', async () => {
    const { terminal } = await openConsole();
    for (const [cols, rows] of [
      [200, 50],
      [60, 15],
      [80, 24],
      [61, 40],
      [120, 15],
      [80, 24],
    ] as const) {
      await terminal.resize(cols, rows);
      await terminal.waitFor(/\? help$/);
      expect(terminal.lines()[0]).toMatch(/^ aegir/);
      expect(terminal.lines().at(-1)).toMatch(/\? help$/);
    }
    await terminal.resize(59, 14);
    await terminal.waitFor('Needed: 60 x 15');
    await terminal.waitFor('There is: 59 x 14');
  });

  it('is sent nothing while nothing happens', async () => {
    const { terminal, seeded } = await openConsole();
    endTask(seeded.db, seeded.running, { state: 'succeeded' });
    await terminal.waitFor('queue empty');
    await terminal.settle(300);
    const before = terminal.raw().length;
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(terminal.raw().length - before).toBe(0);
  });

  it('gets few bytes for a move of the cursor', async () => {
    const { terminal, seeded } = await openConsole({ cols: 200, rows: 50 });
    endTask(seeded.db, seeded.running, { state: 'succeeded' });
    await terminal.waitFor('queue empty');
    await terminal.settle(300);
    const before = terminal.raw().length;
    await terminal.press('j');
    expect(terminal.raw().length - before).toBeLessThanOrEqual(400);
  });

  it.each([
    ['q', async (terminal: Terminal) => terminal.press('q'), 'left: quit none'],
    ['ctrl-c twice', async (terminal: Terminal) => terminal.press('ctrl-c', 'ctrl-c'), 'left: quit none'],
    ['SIGTERM', async (terminal: Terminal) => terminal.kill('SIGTERM'), 'left: terminated cancel'],
    ['SIGHUP', async (terminal: Terminal) => terminal.kill('SIGHUP'), 'left: hangup finish'],
  ])('is as it was before after %s', async (_how, leave, said) => {
    const { terminal } = await openConsole();
    expect(terminal.onAlternateScreen()).toBe(true);
    await leave(terminal);
    expect((await terminal.exit).code).toBe(0);
    await terminal.settle();
    expect(terminal.onAlternateScreen()).toBe(false);
    expect(terminal.text()).toContain(said);
    expect(terminal.raw()).toContain('\u001b[?25h');
    expect(terminal.raw().lastIndexOf('\u001b[?2004l')).toBeGreaterThan(terminal.raw().lastIndexOf('\u001b[?2004h'));
  });

  it('is as it was before after a fault of the program', async () => {
    const { terminal } = await openConsole({ env: { AEGIR_TEST_THROW: '1500' } });
    expect((await terminal.exit).code).not.toBe(0);
    await terminal.settle();
    expect(terminal.onAlternateScreen()).toBe(false);
    expect(terminal.text()).toContain('as asked');
    expect(terminal.raw()).toContain('\u001b[?25h');
  });

  it('may be lost: the console ends, the tasks may go on', async () => {
    const told = join(mkdtempSync(join(tmpdir(), 'aegir-exit-')), 'exit');
    const { terminal } = await openConsole({ env: { AEGIR_TEST_EXIT: told } });
    terminal.hangUp();
    for (let tries = 0; tries < 200 && !existsSync(told); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(readFileSync(told, 'utf8')).toBe('left: hangup finish\n');
    // The kernel tells the session's leader, the shell tells its jobs: it comes twice.
    terminal.kill('SIGHUP');
    expect(await terminal.exit).toEqual({ code: 0, signal: 0 });
    rmSync(dirname(told), { recursive: true });
  });

  it('goes back to the shell by ctrl-z, and fg brings the console back as it was', async () => {
    const root = mkdtempSync(join(tmpdir(), 'aegir-console-'));
    const seeded = seedInventory(root);
    const env = { AEGIR_ROOT: root, PS1: 'shell> ' };
    const terminal = startTerminal({ command: '/bin/bash', args: ['--norc', '--noprofile', '-i'], env });
    endWithTest({ terminal, seeded, root });
    await terminal.waitFor('shell>');
    await terminal.type(`${process.execPath} ${consoleProgram()}\r`);
    await terminal.waitFor('v verify');
    await terminal.press('j', 'j', 'ctrl-z');
    await terminal.waitFor('Stopped');
    expect(terminal.onAlternateScreen()).toBe(false);
    await terminal.type('fg\r');
    await terminal.waitFor(/^▸ {2}new\.example\.test/m);
    await terminal.press('j');
    await terminal.waitFor(/^▸ {2}old\.example\.test/m);
    await terminal.press('q');
    await terminal.waitFor('left: quit none');
  });

  it('asks before it is left while tasks run in this process', async () => {
    const { terminal } = await openConsole({ env: { AEGIR_TEST_RUNNING: '1' } });
    await terminal.press('q');
    await terminal.waitFor('Quit while 1 task runs here?');
    expect(terminal.text()).toContain('▸ Stay');
    await terminal.press('enter');
    await terminal.waitFor('Sites 6');
    await terminal.press('q', 'right', 'enter');
    await terminal.exit;
    expect(terminal.text()).toContain('left: quit finish');
  });

  it('shows the same without colours and without UTF-8', async () => {
    const { terminal } = await openConsole({ env: { NO_COLOR: '1', LANG: 'C' } });
    await terminal.press('j');
    expect(terminal.raw()).not.toMatch(/\u001b\[(3[0-7]|9[0-7])m/);
    expect(terminal.raw()).not.toMatch(/[^\u0000-\u007e]/);
    await terminal.waitFor(/^> {2}forum\.example\.test/m);
    expect(terminal.raw()).toContain('\u001b[7m');
  });
});
