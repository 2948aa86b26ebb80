import type { GlyphName } from '../state/model/parts.ts';
import type { ConsoleConfig } from '../state/store/config.ts';

/** The signs of a screen, by what they mean. */
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

/** Signs of our own words, and those above, as an ASCII terminal shows them. */
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

/** A text of ours without the signs that an ASCII terminal cannot show; each takes the room that it took. */
export const plainText = (text: string): string => text.replaceAll(signs, (sign) => plainer[sign] ?? sign);

/** Whether signs are drawn in ASCII: as it is asked for, and where that is `auto` in a locale that is not UTF-8. */
export const wantsAscii = (
  env: Record<string, string | undefined>,
  glyphs: ConsoleConfig['glyphs'] = 'auto',
): boolean => (glyphs === 'auto' ? !/utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '') : glyphs === 'ascii');
