import { describe, expect, it } from 'vitest';
import { endTask } from '../../src/db/task-changes.ts';
import { openConsole } from '../support/open-console.ts';
import type { Seeded } from '../support/seed-inventory.ts';
import type { Terminal } from '../support/terminal.ts';

const ESC = '\u001b';
const BEL = '\u0007';

/** Queues a verify of the first site and lets it end, as if it had been queued so long ago. */
async function endOwnTask(
  terminal: Terminal,
  { db }: Seeded,
  secondsAgo: number,
  state: 'succeeded' | 'failed',
  message = 'nginx is stopped',
) {
  await terminal.press('v');
  await terminal.waitFor('Queued: verify blog.example.test');
  const id = Number(db.prepare('SELECT max(id) FROM task').pluck().get());
  const queuedAt = new Date(Date.now() - secondsAgo * 1000).toISOString();
  db.prepare('UPDATE task SET queued_at = ? WHERE id = ?').run(queuedAt, id);
  const error = { code: 'SERVICE_DOWN', message, hint: '' };
  endTask(db, id, state === 'failed' ? { state, error } : { state });
  await terminal.waitFor(state === 'failed' ? 'verify blog.example.test: failed, nginx is stopped' : 'Done: verify');
  await terminal.settle(200);
}

const titles = (terminal: Terminal): string[] =>
  [...terminal.raw().matchAll(/\u001b\]2;([^\u0007]*)\u0007/g)].map(([, title = '']) => title);
const bells = (terminal: Terminal): number =>
  terminal
    .raw()
    .replaceAll(/\u001b\][^\u0007]*\u0007/g, '')
    .split(BEL).length - 1;

describe('outside of its screen the console', () => {
  it('says in the title what runs and how the last task ended, until the next key', async () => {
    const { terminal, seeded } = await openConsole();
    await expect.poll(() => titles(terminal).at(-1)).toMatch(/^aegir \S+ ▸1$/);
    await endOwnTask(terminal, seeded, 5, 'failed');
    await expect.poll(() => titles(terminal).at(-1)).toMatch(/^✗ aegir \S+ ▸1$/);
    await terminal.press('j');
    await expect.poll(() => titles(terminal).at(-1)).toMatch(/^aegir \S+ ▸1$/);
    endTask(seeded.db, seeded.running, { state: 'succeeded' });
    await terminal.waitFor('queue empty');
    await terminal.settle();
    await expect.poll(() => titles(terminal).at(-1)).toMatch(/^aegir \S+$/);
  });

  it('keeps the title that stood there and brings it back', async () => {
    const { terminal } = await openConsole();
    expect(terminal.raw().split(`${ESC}[22;2t`)).toHaveLength(2);
    await terminal.press('q');
    await terminal.exit;
    expect(terminal.raw().split(`${ESC}[23;2t`)).toHaveLength(2);
  });

  it('brings the title back after a fault too', async () => {
    const { terminal } = await openConsole({ env: { AEGIR_TEST_THROW: '1500' } });
    await terminal.exit;
    expect(terminal.raw()).toContain(`${ESC}[23;2t`);
  });

  it('rings when a task of one’s own took long, and not when it was quick', async () => {
    const { terminal, seeded } = await openConsole();
    await endOwnTask(terminal, seeded, 5, 'succeeded');
    expect(bells(terminal)).toBe(0);
    await endOwnTask(terminal, seeded, 31, 'succeeded');
    expect(bells(terminal)).toBe(1);
  });

  it('asks for a note by OSC 9 instead, also through tmux', async () => {
    const { terminal, seeded } = await openConsole({ config: { notify: 'osc9' } });
    await endOwnTask(terminal, seeded, 31, 'succeeded');
    expect(terminal.raw()).toContain(`${ESC}]9;Done: verify blog.example.test${BEL}`);
    expect(bells(terminal)).toBe(0);
    const inTmux = await openConsole({ config: { notify: 'osc9' }, env: { TMUX: '/tmp/none,1,0' } });
    await endOwnTask(inTmux.terminal, inTmux.seeded, 31, 'succeeded');
    expect(inTmux.terminal.raw()).toContain(`${ESC}Ptmux;${ESC}${ESC}]9;Done: verify`);
  });

  it('lets nothing of an error leave the note', async () => {
    const { terminal, seeded } = await openConsole({ config: { notify: 'osc9' } });
    await endOwnTask(terminal, seeded, 31, 'failed', 'nginx is stopped \u0007\u001b]2;stolen\u0007\u009d');
    expect(terminal.raw()).not.toMatch(/\u001b\]2;stolen|\u009d/);
    expect(terminal.raw()).toMatch(
      /\u001b\]9;verify blog\.example\.test: failed, nginx is stopped [^\u0007\u001b]*\u0007/,
    );
  });

  it('links the address of a site, which has its port', async () => {
    const { terminal } = await openConsole();
    await terminal.press('enter');
    await terminal.waitFor('address http://blog.example.test:8088');
    const url = 'http://blog.example.test:8088';
    expect(terminal.raw()).toContain(`${ESC}]8;;${url}${BEL}${url}${ESC}]8;;${BEL}`);
    expect(terminal.lines().every((line) => line.length <= 80)).toBe(true);
  });

  it('does nothing of it where config.json says so', async () => {
    const config = { notify: 'off', title: false, links: false };
    const { terminal, seeded } = await openConsole({ config });
    await endOwnTask(terminal, seeded, 31, 'failed');
    await terminal.press('enter');
    await terminal.waitFor('address http://blog.example.test:8088');
    await terminal.press('q', 'q');
    await terminal.exit;
    expect(terminal.raw()).not.toMatch(/\u0007|\u001b\]|\u001b\[2[23];2t/);
  });

  it('does nothing of it on a terminal that would print it', async () => {
    const { terminal, seeded } = await openConsole({ env: { TERM: 'linux' } });
    await endOwnTask(terminal, seeded, 5, 'failed');
    await terminal.press('enter');
    await terminal.waitFor('address http://blog.example.test:8088');
    expect(terminal.raw()).not.toContain(`${ESC}]`);
  });
});
