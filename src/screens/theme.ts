import type { GlyphName, Tone } from '../state/table.ts';

/** How a stretch of text looks. */
export interface Look {
  tone?: Tone;
  bold?: boolean;
  /** Selected: drawn in reverse, without a colour of its own. */
  inverse?: boolean;
}

/** How the console draws: looks, and signs. */
export interface Theme {
  /** A text in its look, as SGR sequences (ECMA-48): our own, as chalk drops bold and inverse with the colours. */
  paint(text: string, look: Look): string;
  glyphs: Record<GlyphName | 'cursor' | 'mark' | 'rule' | 'ellipsis' | 'dash' | 'caret', string>;
  /** Our own words without the signs that an ASCII terminal cannot show. */
  plain(text: string): string;
}

/** On and off codes. Only the 16 named colours, so that the terminal's own palette holds. */
type Sgr = readonly [on: number, off: number];
const BOLD: Sgr = [1, 22];
const DIM: Sgr = [2, 22];
const INVERSE: Sgr = [7, 27];
const colour = (code: number): Sgr => [code, 39];

const colours: Record<Tone, readonly Sgr[]> = {
  plain: [],
  dim: [DIM],
  good: [colour(32)],
  warn: [colour(33)],
  bad: [colour(31)],
  busy: [colour(36)],
  accent: [colour(36), BOLD],
};

/** Without colours weight alone differs; the glyphs say the rest. */
const mono: Record<Tone, readonly Sgr[]> = {
  plain: [],
  dim: [],
  good: [],
  warn: [BOLD],
  bad: [BOLD],
  busy: [],
  accent: [BOLD],
};

const unicodeGlyphs: Theme['glyphs'] = {
  on: '●',
  off: '○',
  busy: '◐',
  waiting: '·',
  done: '✓',
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

const asciiGlyphs: Theme['glyphs'] = {
  on: '*',
  off: 'o',
  busy: '~',
  waiting: '.',
  done: '+',
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

const plainer: Record<string, string> = {
  '–': '-',
  '·': '-',
  '…': '~',
  '↑': '^',
  '↓': 'v',
  '←': '<',
  '→': '>',
};

/** The theme for a terminal. */
export function makeTheme(options: { colour: boolean; ascii: boolean }): Theme {
  const tones = options.colour ? colours : mono;
  return {
    paint(text, { tone = 'plain', bold, inverse }) {
      const codes = [...(inverse ? [INVERSE] : tones[tone]), ...(bold ? [BOLD] : [])];
      return codes.reduceRight((inner, [on, off]) => `\u001b[${on}m${inner}\u001b[${off}m`, text);
    },
    glyphs: options.ascii ? asciiGlyphs : unicodeGlyphs,
    plain: options.ascii ? (text) => text.replaceAll(/[–·…↑↓←→]/g, (sign) => plainer[sign] ?? sign) : (text) => text,
  };
}

/** The theme that the environment asks for: NO_COLOR (no-color.org), a dumb terminal, a locale that is not UTF-8. */
export function themeOf(env: Record<string, string | undefined>, named?: 'mono' | 'colour'): Theme {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const hasColour = named ? named === 'colour' : !env.NO_COLOR && env.TERM !== 'dumb';
  return makeTheme({ colour: hasColour, ascii: !/utf-?8/i.test(locale) });
}
