import { expect, it } from 'vitest';
import { openConsole } from '../support/open-console.ts';
import { settleTimes } from '../support/quiet-times.ts';
import { pictureOf } from '../support/test-screens.ts';

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
