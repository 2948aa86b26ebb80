import { describe, expect, it } from 'vitest';
import { insertClient } from '../../src/db/clients.ts';
import { endTask } from '../../src/db/task-changes.ts';
import { openConsole } from '../support/open-console.ts';
import { writeLog } from '../support/seed-inventory.ts';
import type { Terminal } from '../support/terminal.ts';

const open = () => openConsole({ config: { screenReader: true }, ready: 'v verify', cols: 200, rows: 60 });

/** What a screen reader is given by keys: lines, and at the end the field that is typed into. */
async function heard(terminal: Terminal, ...keys: string[]): Promise<string[]> {
  const before = terminal.raw().length;
  await terminal.press(...keys);
  await new Promise((resolve) => setTimeout(resolve, 250));
  const said = terminal.raw().slice(before);
  const bare = said.replaceAll(/\u001b\[\?25h|\u001b\]2;[^\u0007]*\u0007/g, '');
  // Nothing but lines below each other, and one that is begun anew.
  expect(bare.replaceAll('\r\u001b[K', '')).not.toMatch(/\u001b|[▸●○◐✓✗─…]/);
  return bare
    .replaceAll('\r\u001b[K', '')
    .split('\r\n')
    .filter((line) => line !== '');
}

describe('the console for a screen reader', () => {
  it('says where one is, which of how many, and what can be done', async () => {
    const { terminal } = await open();
    expect(terminal.onAlternateScreen()).toBe(false);
    expect(terminal.lines().filter(Boolean)).toEqual([
      'Sites 6',
      '1 of 6, blog.example.test, platform wp-6.8, state enabled, client admin, backup none, last task none',
      expect.stringMatching(/^Keys: enter open, n new, v verify, .*, \? help$/),
    ]);
    expect(await heard(terminal, 'j')).toEqual([
      '2 of 6, forum.example.test, platform drupal-10.5, state enabled, client admin, backup none, last task failed verify',
    ]);
    expect(await heard(terminal, 'space')).toEqual([
      'Sites 6, 1 marked',
      expect.stringMatching(/^3 of 6, new\.example\.test, .* last task running verify 42%$/),
    ]);
    expect((await heard(terminal, 'k'))[0]).toMatch(/^2 of 6, marked, forum/);
  });

  it('says what is typed, in one line that is begun anew', async () => {
    const { terminal } = await open();
    expect((await heard(terminal, ':')).at(-1)).toBe(':');
    expect(await heard(terminal, 's', 'i')).toEqual([expect.stringMatching(/:si$/)]);
    expect((await heard(terminal, 'tab', 'enter'))[0]).toBe('Sites 6');
  });

  it('reads a question whole, then only the answer that is chosen', async () => {
    const { terminal } = await open();
    const asked = await heard(terminal, 'a', 'b');
    expect(asked).toContain('blog.example.test');
    const chosen = await heard(terminal, 'right');
    expect(chosen).toHaveLength(1);
    expect(chosen[0]).toMatch(/^Yes/);
    expect((await heard(terminal, 'esc'))[0]).toBe('Sites 6, 6 marked');
  });

  it('follows a task: its steps as they change, the lines of its log as they come, not its clock', async () => {
    const { terminal, seeded } = await open();
    await heard(terminal, '4');
    const task = await heard(terminal, 'enter');
    expect(task[0]).toBe('Tasks, verify new.example.test');
    expect(task).toContain('done Check, 0.0 s');
    expect(task).toContain('waiting Ask the site for a page');
    expect(task.filter((line) => /^line \d+ of/.test(line))).toHaveLength(10);
    const before = terminal.raw().length;
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(terminal.raw().length - before).toBe(0);
    writeLog(seeded.paths, seeded.running, ['line 60 of the installer']);
    await terminal.waitFor('line 60 of the installer');
    expect(terminal.lines().filter((line) => line === 'line 59 of the installer')).toHaveLength(1);
    endTask(seeded.db, seeded.running, { state: 'succeeded' });
    await terminal.waitFor(/^done succeeded, task 2/m);
  });

  it('says nothing that could steer the terminal', async () => {
    const { terminal, seeded } = await open();
    const name = 'evil \u001b[2J\u0007\u009b3J \u202ename';
    insertClient(seeded.db, { name, mail: '', maxSites: null, maxDiskBytes: null });
    const said = await heard(terminal, '6', 'j');
    expect(said.join('\n')).toContain('evil ');
    expect(said.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });

  it('needs no size', async () => {
    const { terminal } = await openConsole({ config: { screenReader: true }, ready: '1 of 6', cols: 40, rows: 8 });
    await terminal.waitFor('? help');
    expect((await heard(terminal, 'j')).join(' ')).toMatch(/^2 of 6, forum\.example\.test/);
  });

  it('leaves the terminal as it was', async () => {
    const { terminal } = await open();
    expect(await heard(terminal, 'ctrl-c')).toEqual(['ctrl-c again quits.']);
    await terminal.press('ctrl-c');
    expect((await terminal.exit).code).toBe(0);
    expect(terminal.text()).toContain('left: quit none');
    expect(terminal.raw()).not.toContain('\u001b[?1049h');
  });
});

describe('a dumb terminal', () => {
  const dumb = (TERM: string) => openConsole({ env: { TERM }, ready: /^Keys: .* v verify/m, cols: 200 });

  it.each(['dumb', 'unknown'])('TERM "%s" is given lines, without one sequence', async (TERM) => {
    const { terminal } = await dumb(TERM);
    expect(terminal.lines().filter(Boolean)).toEqual([
      expect.stringMatching(/^TERM is (dumb|unknown): the console is lines .*--screen-reader\.$/),
      'Sites 6',
      expect.stringMatching(/^1 of 6, blog\.example\.test, /),
      expect.stringMatching(/^Keys: enter open/),
    ]);
    await terminal.press('j', ':', 's', 'i', 'backspace');
    await terminal.waitFor(/^:s$/m);
    await terminal.press('esc', 'ctrl-c', 'ctrl-c');
    expect((await terminal.exit).code).toBe(0);
    expect(terminal.raw()).not.toMatch(/\u001b/);
  });

  it('and says so where it has no clipboard', async () => {
    const { terminal } = await dumb('dumb');
    await terminal.press('4', 'enter');
    await terminal.waitFor('line 50 of the installer');
    await terminal.press('y');
    await terminal.waitFor('This terminal has no clipboard that could be asked');
    expect(terminal.raw()).not.toMatch(/\u001b/);
  });

  it('gets its lines again after a shell', async () => {
    const { terminal } = await dumb('dumb');
    await terminal.press('!');
    await terminal.waitFor(/[#$]$/m);
    await terminal.type('exit\r');
    await terminal.waitFor(/Sites 6[\s\S]*Sites 6/);
    expect(terminal.raw().replaceAll(/\u001b\[\?2004[hl]/g, '')).not.toMatch(/\u001b/);
  });
});
