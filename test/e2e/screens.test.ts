import { describe, expect, it } from 'vitest';
import { type Kept, keptScreens } from '../support/kept-screens.ts';
import { openConsole } from '../support/open-console.ts';
import { settleTimes, stillClocks } from '../support/quiet-times.ts';
import type { Terminal } from '../support/terminal.ts';

// Every view as a person sees it, kept as text in test/screens/kept. A change of a screen shows as a diff there;
// `npm run screens` writes them anew.

const sizes = [
  [80, 24],
  [60, 15],
  [200, 50],
] as const;

describe.each(sizes)('screens of %i x %i', (cols, rows) => {
  it.each(keptScreens.filter(({ only }) => only === undefined || only === `${cols}x${rows}`))(
    'are as they are kept: $name',
    { timeout: 240_000 },
    async ({ screens, env, config, server, prepare, first, ready }) => {
      const { terminal } = await openConsole({ cols, rows, env, config, server, prepare, ready });
      for (const screen of screens) {
        await goTo(terminal, screen);
        const file = `../screens/kept/${cols}x${rows}/${screen.name}`;
        await expect(pictureOf(terminal)).toMatchFileSnapshot(`${file}.txt`);
        if (screen.looks && rows === 24) await expect(looksOf(terminal)).toMatchFileSnapshot(`${file}.looks.txt`);
        await goBack(terminal, first);
      }
    },
  );

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
async function goBack(terminal: Terminal, first: RegExp): Promise<void> {
  await terminal.press('esc', 'esc', 'esc', '1', 'esc', 'esc');
  while (/ [↑↓]/.test(terminal.lines()[1] ?? '')) await terminal.press('o');
  await terminal.press('g');
  await terminal.waitFor(first);
}

/** Each line of the screen, and below it the looks of its cells where there are any. */
function looksOf(terminal: Terminal): string {
  const looks = terminal.looks();
  const lines = stillClocks(terminal.lines().join('\n')).split('\n');
  return `${lines.flatMap((text, row) => (looks[row] ? [text, looks[row]] : [text])).join('\n')}\n`;
}

const pictureOf = (terminal: Terminal): string => `${stillClocks(terminal.lines().join('\n'))}\n`;
