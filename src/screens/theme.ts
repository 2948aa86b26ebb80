import type { Tone } from '../state/model/parts.ts';
import type { ConsoleState } from '../state/model/state.ts';
import { type ConsoleConfig, defaultConfig } from '../state/store/config.ts';
import { asciiGlyphs, type Glyphs, plainText, unicodeGlyphs, wantsAscii } from './glyphs.ts';

type LabelColour = ConsoleState['marking']['colour'];

/** The style of a stretch of text. */
export interface Look {
  tone?: Tone;
  bold?: boolean;
  /** Selected: drawn in reverse, without a colour of its own. */
  inverse?: boolean;
  /** An address that the terminal may open. */
  link?: string;
  /** A label of the machine, drawn in reverse in its colour. */
  label?: LabelColour;
}

/** How the console draws: styles and glyphs. */
export interface Theme {
  /** A text in a style, as SGR sequences (ECMA-48): made here, as chalk drops bold and inverse together with the colours. */
  paint(text: string, look: Look): string;
  glyphs: Glyphs;
  /** One of our own texts without what an ASCII terminal cannot show. */
  plain(text: string): string;
}

/** On and off codes. Only the 16 named colours, so that the terminal's own palette holds. */
type Sgr = readonly [on: number, off: number];
const BOLD: Sgr = [1, 22];
const DIM: Sgr = [2, 22];
const INVERSE: Sgr = [7, 27];
const colour = (code: number): Sgr => [code, 39];

/** The colours 31 to 36. */
const colourOrder: readonly LabelColour[] = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'];

const colours: Record<Tone, readonly Sgr[]> = {
  plain: [],
  dim: [DIM],
  good: [colour(32)],
  warn: [colour(33)],
  bad: [colour(31)],
  busy: [colour(36)],
  accent: [colour(36), BOLD],
};

/** On a light background yellow and cyan are hard to read. */
const light: Record<Tone, readonly Sgr[]> = {
  ...colours,
  warn: [colour(35)],
  busy: [colour(34)],
  accent: [colour(34), BOLD],
};

/** Without colours only bold and dim differ; the glyphs carry the meaning. */
const mono: Record<Tone, readonly Sgr[]> = {
  plain: [],
  dim: [],
  good: [],
  warn: [BOLD],
  bad: [BOLD],
  busy: [],
  accent: [BOLD],
};

const tonesOf = { dark: colours, light, mono };

/** The theme for a terminal. */
export function makeTheme(options: { tones: keyof typeof tonesOf; ascii: boolean; links: boolean }): Theme {
  const tones = tonesOf[options.tones];
  return {
    paint(text, { tone = 'plain', bold, inverse, link, label }) {
      const own = options.tones === 'mono' || !label ? [] : [colour(31 + colourOrder.indexOf(label))];
      const reversed = inverse || label !== undefined;
      const codes = [...own, ...(reversed ? [INVERSE] : tones[tone]), ...(bold ? [BOLD] : [])];
      const painted = codes.reduceRight((inner, [on, off]) => `\u001b[${on}m${inner}\u001b[${off}m`, text);
      return link && options.links ? linkTo(link, painted) : painted;
    },
    glyphs: options.ascii ? asciiGlyphs : unicodeGlyphs,
    plain: options.ascii ? plainText : (text) => text,
  };
}

/** OSC 8, as VTE and iTerm2 brought it up; of an address only what cannot end the sequence. */
const linkTo = (link: string, text: string): string =>
  /^[\u0021-\u007e]+$/.test(link) ? `\u001b]8;;${link}\u0007${text}\u001b]8;;\u0007` : text;

/**
 * The theme that is asked for, and where that is `auto` by the environment: NO_COLOR (no-color.org), a dumb terminal,
 * the background that some terminals name (COLORFGBG), a locale that is not UTF-8.
 */
export function themeOf(
  env: Record<string, string | undefined>,
  { theme, glyphs, links }: Pick<ConsoleConfig, 'theme' | 'glyphs' | 'links'> = defaultConfig,
): Theme {
  const ascii = wantsAscii(env, glyphs);
  return makeTheme({ tones: theme === 'auto' ? tonesByEnvironment(env) : theme, ascii, links });
}

function tonesByEnvironment(env: Record<string, string | undefined>): keyof typeof tonesOf {
  if (env.NO_COLOR || env.TERM === 'dumb') return 'mono';
  return /;(7|15)$/.test(env.COLORFGBG ?? '') ? 'light' : 'dark';
}
