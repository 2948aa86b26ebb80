import { asciiGlyphs, type Glyphs, plainText, unicodeGlyphs, wantsAscii } from '../screens/glyphs.ts';
import { readConsoleConfig } from '../state/store/config.ts';
import { chooseRoot } from '../worker/open-root.ts';

let ascii: boolean | undefined;

/** Decides as the console does how signs are shown: by the locale, unless `config.json` of the root says otherwise. */
export function chooseGlyphs(root: string | undefined): void {
  try {
    ascii = wantsAscii(process.env, readConsoleConfig(chooseRoot(root)).glyphs);
  } catch {
    // What is wrong with either is said by who needs them.
    ascii = wantsAscii(process.env);
  }
}

const inAscii = (): boolean => {
  ascii ??= wantsAscii(process.env);
  return ascii;
};

/** A text for people, as their terminal can show it. */
export const shown = (text: string): string => (inAscii() ? plainText(text) : text);

/** What stands between what was found and what to do. */
export const arrow = (): string => (inAscii() ? '->' : '→');

/** The sign of this meaning. */
export const glyph = (name: keyof Glyphs): string => (inAscii() ? asciiGlyphs : unicodeGlyphs)[name];
