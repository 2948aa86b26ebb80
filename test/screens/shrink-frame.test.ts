import xterm from '@xterm/headless';
import { expect, it } from 'vitest';
import { shrinkFrame } from '../../src/screens/shrink-frame.ts';

async function screen(text: string): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: 40, rows: 6, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(`${'x'.repeat(240)}\u001b[H${text}`, resolve));
  const { active } = terminal.buffer;
  return Array.from({ length: 6 }, (_, row) => active.getLine(row)?.translateToString(false) ?? '');
}

const blanks = (count: number): string => ' '.repeat(count);

it.each([
  ['blanks between words', `one${blanks(20)}two`],
  ['blanks up to the edge', `one${blanks(37)}\r\n${blanks(40)}\r\nthree`],
  ['reversed blanks', `\u001b[7mone${blanks(16)}two\u001b[27m${blanks(13)}end`],
  ['steps down', `one\u001b[E\u001b[E\u001b[Efour\u001b[Efive`],
])('a frame with %s looks the same and is no longer', async (_what, frame) => {
  const shrunk = shrinkFrame(frame);
  expect(await screen(shrunk)).toEqual(await screen(frame));
  expect(shrunk.length).toBeLessThanOrEqual(frame.length);
});
