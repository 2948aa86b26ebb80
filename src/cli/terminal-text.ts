import { asciiGlyphs, type Glyphs, plainText, unicodeGlyphs, wantsAscii } from '../screens/glyphs.ts';
import { readConsoleConfig } from '../state/store/config.ts';
import { chooseRoot } from '../worker/open-root.ts';

let ascii: boolean | undefined;

/** Chooses Unicode or ASCII like the console: by the locale, unless the root's `config.json` sets it. */
export function chooseGlyphs(root: string | undefined): void {
  try {
    ascii = wantsAscii(process.env, readConsoleConfig(chooseRoot(root)).glyphs);
  } catch {
    // An error in the root or its config.json is reported by the code that needs them.
    ascii = wantsAscii(process.env);
  }
}

const inAscii = (): boolean => {
  ascii ??= wantsAscii(process.env);
  return ascii;
};

/** A text in characters that the terminal can show. */
export const forTerminal = (text: string): string => (inAscii() ? plainText(text) : text);

/** The arrow between a finding and its remedy. */
export const arrow = (): string => (inAscii() ? '->' : '→');

/** The glyph with this meaning. */
export const glyph = (name: keyof Glyphs): string => (inAscii() ? asciiGlyphs : unicodeGlyphs)[name];
