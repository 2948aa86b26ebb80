import { describe, expect, it } from 'vitest';
import { cleanText } from '../../../src/provision/model/clean-text.ts';

const ESC = '\u001b';
/** What no shown line may hold; a tab is allowed. */
const dangerous = /(?!\t)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** Bytes that visitors, PHP and archives can bring into a log, with what a person then sees. */
const corpus: [string, string, string][] = [
  ['plain text', 'GET /index.php 200', 'GET /index.php 200'],
  ['a tab', 'a\tb', 'a\tb'],
  ['accents and emoji', 'Größe naïve 漢字 🎉', 'Größe naïve 漢字 🎉'],
  ['colours', `${ESC}[1;31mred${ESC}[0m ${ESC}[38:2::255:0:0mtrue colour${ESC}[m`, 'red true colour'],
  ['an eight-bit colour', '\u009b31mred', 'red'],
  ['clear screen', `${ESC}[2J${ESC}[H`, '␛[2J␛[H'],
  ['a window title', `${ESC}]0;owned\u0007after`, '␛]0;owned␇after'],
  ['a title that never ends', `${ESC}]0;hides the rest of the line`, '␛]0;hides the rest of the line'],
  ['a clipboard write', `${ESC}]52;c;cm0gLXJm${ESC}\\`, '␛]52;c;cm0gLXJm␛\\'],
  ['a device control string', `${ESC}P+q544e${ESC}\\`, '␛P+q544e␛\\'],
  ['APC, PM and SOS', `${ESC}_a${ESC}^b${ESC}Xc`, '␛_a␛^b␛Xc'],
  ['C1 controls', '\u0090a\u009db\u009cc\u0085d', '\\u{90}a\\u{9d}b\\u{9c}c\\u{85}d'],
  ['backspaces that overwrite', 'rm -rf /\b\b\b', 'rm -rf /␈␈␈'],
  ['newlines and returns', 'one\r\ntwo', 'one␍␊two'],
  ['NUL and DEL', 'a\u0000b\u007f', 'a␀b␡'],
  ['a bidirectional override', 'invoice\u202egpj.exe', 'invoice\\u{202e}gpj.exe'],
  ['bidirectional isolates', '\u2066a\u2069\u061c', '\\u{2066}a\\u{2069}\\u{61c}'],
  ['zero-width characters', 'pay\u200bpal\u200d\ufeff\u2060', 'pay\\u{200b}pal\\u{200d}\\u{feff}\\u{2060}'],
  ['what Persian and emoji need', 'می\u200cروم 👩\u200d💻 क्\u200dष', 'می\u200cروم 👩\u200d💻 क्\u200dष'],
  ['joiners that join nothing', 'پ\u200c \u200dx \u200c\u200dپ', 'پ\\u{200c} \\u{200d}x \\u{200c}\\u{200d}پ'],
  ['line and paragraph separators', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
  ['half surrogates', 'a\ud800b\udc00', 'a\\u{d800}b\\u{dc00}'],
  ['invisible tags', 'a\u{e0041}b', 'a\\u{e0041}b'],
  ['blank fillers', 'a\u3164b\u115f', 'a\\u{3164}b\\u{115f}'],
];

describe('a line from elsewhere', () => {
  it.each(corpus)('with %s is shown safely', (_name, hostile, shown) => {
    expect(cleanText(hostile)).toBe(shown);
  });

  it('holds no control character, whatever goes in, and cleaning it again changes nothing', () => {
    const pieces = [
      ...corpus.map(([, hostile]) => hostile),
      ESC,
      '[',
      ']',
      'm',
      '\u009b',
      '\ud83c',
      '\udf89',
      'x'.repeat(900),
    ];
    const next = random(7);
    for (let round = 0; round < 3000; round += 1) {
      const line = Array.from({ length: 1 + (next() % 12) }, () => pieces[next() % pieces.length]).join('');
      const clean = cleanText(line);
      expect(clean).not.toMatch(dangerous);
      expect(clean.length).toBeLessThanOrEqual(4000);
      expect(cleanText(clean)).toBe(clean);
    }
  });

  it('of any code point alone can neither move the cursor nor hide', () => {
    const points = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));
    for (let from = 0; from < points.length; from += 256) {
      expect(cleanText(points.slice(from, from + 256).join(' '))).not.toMatch(dangerous);
    }
  });

  it('of 50 MB is cut, and says so', () => {
    const clean = cleanText(`${ESC}[`.repeat(25_000_000));
    expect(clean).toMatch(/^(␛\[)+.* … \(cut; 50000000 characters\)$/);
    expect(clean.length).toBeLessThanOrEqual(4000);
  });

  it('that grows by its tokens is cut as well', () => {
    expect(cleanText('\u202e'.repeat(3999)).length).toBeLessThanOrEqual(4000);
  });
});

/** Numbers that are the same on every run (a linear congruential generator). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}
