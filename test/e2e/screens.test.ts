import { describe, expect, it } from 'vitest';
import { openConsole } from '../support/open-console.ts';
import { settleTimes, stillClocks } from '../support/quiet-times.ts';
import type { Terminal } from '../support/terminal.ts';

// Every view as a person sees it, kept as text in test/screens/kept. A change of a screen shows as a diff there;
// `npm run screens` writes them anew.

/** A screen: the way to it from the list of sites, and what it shows when it is there. */
interface Kept {
  name: string;
  /** A key, or ['text'] that is typed. */
  way: readonly (string | readonly [string])[];
  shows: RegExp | string;
}

const toPage = (line: string, shows: RegExp | string, name: string, ...after: string[]): Kept => ({
  name,
  way: [':', [line], 'enter', ...after],
  shows,
});

const kept: readonly Kept[] = [
  { name: 'sites', way: [], shows: 'shop.example.test' },
  { name: 'sites-filtered', way: ['/', ['platform:wp'], 'enter', 'space', 'o'], shows: '1 marked' },
  { name: 'platforms', way: ['2'], shows: /^ Platforms 4/m },
  { name: 'servers', way: ['3'], shows: /^ Servers 1/m },
  { name: 'tasks', way: ['4'], shows: /^ Tasks 2/m },
  { name: 'backups', way: ['5'], shows: /^ Backups 3/m },
  { name: 'clients', way: ['6'], shows: /^ Clients 1/m },
  toPage('site shop.example.test', /server_master › .*shop\.example\.test/, 'site-tasks'),
  toPage('site shop.example.test', /STAYS/, 'site-backups', 'tab'),
  toPage('site shop.example.test', /SETTING/, 'site-settings', 'shift-tab'),
  toPage('site shop.example.test', /VISITORS/, 'site-aliases', 'tab', 'tab', 'tab'),
  toPage('platform wp-6.8', /server_master › wp-6\.8/, 'platform'),
  toPage('server server_master', /Services/, 'server'),
  toPage('server server_master', /○ missing/, 'server-doctor', 'tab'),
  toPage('platform wp-6.8', /NEWER/, 'platform-packages', 'tab'),
  toPage('task 1', 'mariadb is stopped', 'task-failed'),
  toPage('task 2', /line 59 of the installer/, 'task-running'),
  toPage('task 2', /› verify new.*\n── Log/, 'task-log', 'z'),
  { name: 'backup', way: ['5', 'enter'], shows: /^ Backups › wiki/m },
  { name: 'compare', way: ['2', 'G', 'k', 'm', 'enter'], shows: /› to wp-6\.9/ },
  { name: 'compare-move', way: ['2', 'G', 'k', 'm', 'enter', 'm'], shows: 'Move 2 sites' },
  { name: 'help', way: ['?'], shows: 'Search' },
  { name: 'palette', way: ['ctrl-p', ['shop']], shows: /shop\.example\.test +site/ },
  { name: 'line', way: [':', ['site w']], shows: 'site wiki.example.test' },
  { name: 'form-install', way: ['n', ['new.example.org'], 'enter'], shows: /wordpress 6\.8\.1/ },
  { name: 'form-restore', way: ['5', 'B'], shows: /Restore site/ },
  { name: 'confirm-many', way: ['a', 'v'], shows: 'Verify 6 sites?' },
  { name: 'delete-typed', way: ['G', 'd', 'right', 'enter', ['wiki']], shows: 'Type it whole' },
  { name: 'delete-backup', way: ['5', 'd'], shows: 'No, keep' },
  { name: 'tour', way: [':', ['tour'], 'enter'], shows: /1 of/ },
  // Last: it queues tasks.
  { name: 'batch', way: ['2', 'G', 'k', 'm', 'enter', 'm', 'right', 'enter'], shows: /^ Tasks › batch/m },
];

const sizes = [
  [80, 24],
  [60, 15],
  [200, 50],
] as const;

describe.each(sizes)('screens of %i x %i', (cols, rows) => {
  it('are as they are kept', { timeout: 240_000 }, async () => {
    const env = { AEGIR_TEST_HOST: 'web1.example.org', TZ: 'UTC' };
    const { terminal } = await openConsole({ cols, rows, env, prepare: settleTimes });
    for (const screen of kept) {
      await goTo(terminal, screen);
      await expect(pictureOf(terminal)).toMatchFileSnapshot(`../screens/kept/${cols}x${rows}/${screen.name}.txt`);
      await goBack(terminal);
    }
  });

  // What Home offers depends on who asks.
  it.runIf(process.getuid?.() === 0)('begin with what was found on a new machine (needs root)', async () => {
    const env = { AEGIR_TEST_HOST: 'web1.example.org' };
    const { terminal } = await openConsole({ cols, rows, env, empty: true, ready: 'nginx is not installed' });
    await terminal.settle();
    await expect(pictureOf(terminal)).toMatchFileSnapshot(`../screens/kept/${cols}x${rows}/home.txt`);
  });
});

it('a window that is too small says what it needs', async () => {
  const { terminal } = await openConsole({ cols: 50, rows: 12, env: {} });
  await expect(pictureOf(terminal)).toMatchFileSnapshot('../screens/kept/50x12/too-small.txt');
});

it('a storm of resizes, with changes behind it, loses nothing that was typed', { timeout: 60_000 }, async () => {
  const { terminal, seeded } = await openConsole({ prepare: settleTimes });
  await terminal.press('n');
  await terminal.type('stormy.example.org');
  await terminal.press('enter');
  await terminal.type('wp');
  await terminal.waitFor(/Platform +wp/);
  await terminal.settle();
  const before = pictureOf(terminal);
  for (const [place, [cols, rows]] of storm.entries()) {
    await terminal.resize(cols, rows);
    const title = `Title ${place}`;
    seeded.db.prepare("UPDATE site SET title = ?, state = 'enabled'").run(title);
  }
  await terminal.resize(80, 24);
  await terminal.settle(300);
  expect(pictureOf(terminal)).toBe(before);
  expect(before).toContain('stormy.example.org');
});

const storm = Array.from({ length: 30 }, (_, turn) => [20 + ((turn * 37) % 180), 5 + ((turn * 17) % 45)] as const);

async function goTo(terminal: Terminal, { way, shows }: Kept): Promise<void> {
  for (const step of way) await (typeof step === 'string' ? terminal.press(step) : terminal.type(step[0]));
  await terminal.waitFor(shows);
  await terminal.settle(150);
}

/** Back to the list of sites as it was at first: dialogs, filter, marks and sorting gone. */
async function goBack(terminal: Terminal): Promise<void> {
  await terminal.press('esc', 'esc', 'esc', '1', 'esc', 'esc');
  while (/ [↑↓]/.test(terminal.lines()[1] ?? '')) await terminal.press('o');
  await terminal.press('g');
  await terminal.waitFor(/^ Sites 6 *$/m);
}

const pictureOf = (terminal: Terminal): string => `${stillClocks(terminal.lines().join('\n'))}\n`;
