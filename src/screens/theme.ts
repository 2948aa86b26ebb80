import type { GlyphName, Tone } from '../state/table.ts';

/** How a stretch of text looks. */
export interface Look {
  color?: string;
  dimColor?: boolean;
  bold?: boolean;
}

/** How the console draws: colours by meaning, and signs. */
export interface Theme {
  look(tone: Tone): Look;
  glyphs: Record<GlyphName | 'cursor' | 'mark' | 'rule' | 'ellipsis' | 'dot' | 'dash' | 'left' | 'caret', string>;
  /** Replaces what an ASCII terminal cannot show. */
  text(text: string): string;
}

const colours: Record<Tone, Look> = {
  plain: {},
  dim: { dimColor: true },
  good: { color: 'green' },
  warn: { color: 'yellow' },
  bad: { color: 'red' },
  busy: { color: 'cyan' },
  accent: { color: 'cyan', bold: true },
};

/** Without colours weight alone differs; the glyphs say the rest. */
const mono: Record<Tone, Look> = {
  plain: {},
  dim: {},
  good: {},
  warn: { bold: true },
  bad: { bold: true },
  busy: {},
  accent: { bold: true },
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
  dot: '·',
  dash: '–',
  left: '←',
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
  dot: '-',
  dash: '-',
  left: '<',
  caret: '>',
};

/** Our own texts use these; names and logs keep their letters. */
const plainer: Record<string, string> = {
  '–': '-',
  '·': '-',
  '…': '...',
  '↑': '^',
  '↓': 'v',
  '←': '<-',
  '→': '->',
  '›': '>',
};

/** The theme for a terminal. */
export function makeTheme(options: { colour: boolean; ascii: boolean }): Theme {
  const looks = options.colour ? colours : mono;
  return {
    look: (tone) => looks[tone],
    glyphs: options.ascii ? asciiGlyphs : unicodeGlyphs,
    text: options.ascii ? (text) => text.replaceAll(/[–·…↑↓←→›]/g, (sign) => plainer[sign] ?? sign) : (text) => text,
  };
}

/** Which theme the environment asks for: NO_COLOR (no-color.org), a dumb terminal, a locale that is not UTF-8. */
export function themeOf(env: Record<string, string | undefined>, named?: 'mono' | 'colour'): Theme {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const colour = named ? named === 'colour' : !env.NO_COLOR && env.TERM !== 'dumb';
  return makeTheme({ colour, ascii: !/utf-?8/i.test(locale) });
}
