import type { GlyphName } from '../state/model/parts.ts';
import type { ConsoleConfig } from '../state/store/config.ts';

/** The glyphs of a screen, by their meaning. */
export type Glyphs = Record<GlyphName | 'cursor' | 'mark' | 'rule' | 'ellipsis' | 'dash' | 'caret', string>;

export const unicodeGlyphs: Glyphs = {
  on: '●',
  off: '○',
  busy: '◐',
  waiting: '·',
  done: '✓',
  unneeded: '–',
  failed: '✗',
  warning: '!',
  undone: '↶',
  running: '▸',
  cursor: '▸',
  mark: '*',
  rule: '─',
  ellipsis: '…',
  dash: '–',
  caret: '›',
};

export const asciiGlyphs: Glyphs = {
  on: '*',
  off: 'o',
  busy: '~',
  waiting: '.',
  done: '+',
  unneeded: '-',
  failed: 'x',
  warning: '!',
  undone: '<',
  running: '>',
  cursor: '>',
  mark: '*',
  rule: '-',
  ellipsis: '~',
  dash: '-',
  caret: '>',
};

/** Non-ASCII characters of our own texts, and the glyphs above, as an ASCII terminal shows them. */
const plainer: Record<string, string> = {
  ...Object.fromEntries(Object.entries(unicodeGlyphs).map(([name, sign]) => [sign, asciiGlyphs[name as keyof Glyphs]])),
  '·': '-',
  '↑': '^',
  '↓': 'v',
  '←': '<',
  '→': '>',
  '’': "'",
};
const signs = new RegExp(
  `[${Object.keys(plainer)
    .filter((sign) => sign > '~')
    .join('')}]`,
  'g',
);

/** One of our own texts in ASCII. Each character keeps its width. */
export const plainText = (text: string): string => text.replaceAll(signs, (sign) => plainer[sign] ?? sign);

/** Whether glyphs are drawn in ASCII: as configured; with `auto` where the locale is not UTF-8. */
export const wantsAscii = (
  env: Record<string, string | undefined>,
  glyphs: ConsoleConfig['glyphs'] = 'auto',
): boolean => (glyphs === 'auto' ? !/utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '') : glyphs === 'ascii');
