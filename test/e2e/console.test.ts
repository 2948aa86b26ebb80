import { describe, expect, it } from 'vitest';
import { openConsole } from '../support/open-console.ts';
import type { Seeded } from '../support/seed-inventory.ts';

describe('the console at 80x24', () => {
  it('shows sites with platform, state and last task, the running task above the keys, and never cuts off help', async () => {
    const { terminal } = await openConsole();
    const lines = terminal.lines();
    expect(lines[0]).toMatch(/^ aegir .* nginx ● php8\.2 ● mariadb ✗ +queue 1▸ 0… ?$/);
    expect(lines[1]).toBe(' Sites 6');
    expect(lines[2]).toMatch(/^ {3}URI +PLATFORM +STATE +BACKUP +LAST TASK$/);
    expect(lines[3]).toMatch(/^▸ {2}blog\.example\.test +wp-6\.8 +● enabled +– +–$/);
    expect(terminal.text()).toMatch(/forum\.example\.test +drupal-10\.5 +● enabled +– +✗ verify/);
    expect(lines[22]).toMatch(/^ ▸ verify new\.example\.test {3}settings +14 of 33 files {3}\d\d:\d\d$/);
    expect(lines[23]).toMatch(/\? help$/);
    expect(lines).toHaveLength(24);
  });

  it('opens a failed task and says what was wrong and what to do', async () => {
    const { terminal } = await openConsole();
    await terminal.press('4');
    await terminal.waitFor('Tasks 2');
    await terminal.press('j', 'enter');
    const screen = await terminal.waitFor('SERVICE_DOWN');
    expect(screen).toContain('mariadb is stopped');
    expect(screen).toContain('aegir doctor says what is wrong');
    await terminal.press('R');
    await terminal.waitFor('Queued again: verify forum.example.test');
  });

  it('queues a task by one key, and u takes it back', async () => {
    const { terminal } = await openConsole();
    await terminal.press('v');
    await terminal.waitFor('Queued: verify blog.example.test · u undoes it');
    await terminal.waitFor('queue 1▸ 1…');
    await terminal.press('v');
    await terminal.waitFor('already waits');
    await terminal.press('u');
    await terminal.waitFor('Being cancelled: verify blog.example.test');
  });

  it('deletes a site only when its whole name was typed, and says what is lost', async () => {
    const { terminal, seeded } = await openConsole();
    await terminal.press('d');
    await terminal.waitFor('Delete site blog.example.test: make a backup first?');
    expect(terminal.text()).toContain('There is no backup of it.');
    await terminal.press('right', 'enter');
    await terminal.waitFor('Delete site blog.example.test?');
    expect(terminal.text()).toContain('Only a backup brings them back');
    await terminal.press('enter');
    await terminal.type('blog.example.tes');
    await terminal.press('enter');
    expect(terminal.text()).toContain('Type it whole');
    expect(countTasks(seeded)).toBe(2);
    await terminal.type('t');
    await terminal.waitFor('enter does it');
    await terminal.press('enter');
    await terminal.waitFor('Queued: delete blog.example.test');
    await terminal.waitFor('◐ deleting');
    expect(countTasks(seeded)).toBe(3);
  });

  it('lists every name before a task on marked sites, with the safe answer chosen', async () => {
    const { terminal, seeded } = await openConsole();
    await terminal.press('space', 'space', 'v');
    const screen = await terminal.waitFor('Verify 2 sites?');
    expect(screen).toContain('blog.example.test');
    expect(screen).toContain('forum.example.test');
    expect(screen).toContain('▸ No, leave it');
    await terminal.press('right', 'enter');
    await terminal.waitFor('Queued: verify, 2 sites');
    expect(countTasks(seeded)).toBe(4);
  });

  it('fills in the form of a new site and shows its task', async () => {
    const { terminal } = await openConsole();
    await terminal.press('n');
    await terminal.waitFor('URI');
    await terminal.type('Café.Example.Test');
    await terminal.press('enter');
    await terminal.type('wp');
    await terminal.waitFor('wordpress 6.8.1');
    await terminal.press('enter');
    await terminal.type('A café');
    await terminal.press('enter');
    await terminal.type('not a mail');
    await terminal.waitFor('not an e-mail address');
    await terminal.press('ctrl-u');
    await terminal.type('a@example.test');
    await terminal.press('enter', 'enter');
    await terminal.type('secret-word');
    expect(terminal.text()).not.toContain('secret-word');
    await terminal.press('enter');
    await terminal.waitFor('Minimal');
    await terminal.press('ctrl-s');
    await terminal.waitFor('install xn--caf-dma.example.test');
    expect(terminal.text()).toContain('it waits for a worker');
  });

  it('keeps what was typed in a form that was left', async () => {
    const { terminal } = await openConsole();
    await terminal.press('n');
    await terminal.type('later.example.test');
    await terminal.press('esc');
    await terminal.waitFor('Sites 6');
    await terminal.press('n');
    await terminal.waitFor('later.example.test');
    await terminal.resize(100, 30);
    expect(terminal.text()).toContain('later.example.test');
  });

  it('filters as one types, by words and by columns', async () => {
    const { terminal } = await openConsole();
    await terminal.press('/');
    await terminal.type('state:disabled');
    await terminal.waitFor('Sites 1 of 6');
    await terminal.press('enter');
    expect(terminal.text()).toContain('old.example.test');
    expect(terminal.text()).not.toContain('shop.example.test');
    await terminal.press('esc');
    await terminal.waitFor('Sites 6');
  });

  it('goes anywhere by the : line, completed by tab, with history', async () => {
    const { terminal } = await openConsole();
    await terminal.press(':');
    await terminal.type('site wi');
    await terminal.press('tab');
    await terminal.waitFor(':site wiki.example.test');
    await terminal.press('enter');
    await terminal.waitFor('server_master › spip-4.4 › wiki.example.test');
    await terminal.press(':', 'up');
    await terminal.waitFor(':site wiki.example.test');
    await terminal.press('esc', 'esc');
    await terminal.waitFor('Sites 6');
  });

  it('runs what was found in help', async () => {
    const { terminal } = await openConsole();
    await terminal.press('?');
    await terminal.type('platforms');
    await terminal.press('enter');
    await terminal.waitFor('Platforms 3');
  });
});

describe('a session that may not change anything', () => {
  it('says so, and why keys do nothing', async () => {
    const { terminal, seeded } = await openConsole({ env: { AEGIR_TEST_READ_ONLY: '1' } });
    expect(terminal.lines()[0]).toContain('read-only');
    await terminal.press('v');
    await terminal.waitFor('read-only session');
    expect(countTasks(seeded)).toBe(2);
  });
});

describe('a machine that is not set up', () => {
  it.runIf(process.getuid?.() === 0)('is set up after a question, on the terminal itself (needs root)', async () => {
    const { terminal } = await openConsole({ empty: true });
    await terminal.waitFor('nginx is not installed');
    await terminal.press('s');
    await terminal.waitFor('Set this machine up as a server?');
    expect(terminal.text()).toContain('▸ No, leave it');
    await terminal.press('right', 'enter');
    await terminal.waitFor('Press enter to go back');
    expect(terminal.onAlternateScreen()).toBe(false);
    expect(terminal.text()).toContain('setup says what it does');
    await terminal.press('enter');
    await terminal.waitFor('Setup did not get to its end');
    await terminal.press('?');
    await terminal.waitFor('Search');
  });

  it('shows what was found and the ways on', async () => {
    const { terminal } = await openConsole({ empty: true });
    await terminal.waitFor('nginx is not installed');
    expect(terminal.text()).toContain('aegir doctor');
    await terminal.press('1');
    await terminal.waitFor('Sites 0');
    await terminal.press('n');
    await terminal.waitFor('not set up');
  });
});

const countTasks = ({ db }: Seeded): number => Number(db.prepare('SELECT count(*) FROM task').pluck().get());
