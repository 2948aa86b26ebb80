import { expect, it } from 'vitest';
import { type Kept, keptScreens } from './kept-screens.ts';
import { openConsole } from './open-console.ts';
import { stillClocks } from './quiet-times.ts';
import type { Terminal } from './terminal.ts';

/** Tests of every view at one size. A file for each, so that they run side by side. */
export function testScreens(cols: number, rows: number): void {
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
}

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

/** The screen as text, its clocks still. */
export const pictureOf = (terminal: Terminal): string => `${stillClocks(terminal.lines().join('\n'))}\n`;
