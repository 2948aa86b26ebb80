import { describe, expect, it } from 'vitest';
import { makeTheme, themeOf } from '../../src/screens/theme.ts';
import { cutLine, paintLines, splitLine, widthOfLine } from '../../src/screens/widgets/lines.ts';
import { columnWidths } from '../../src/screens/widgets/table.ts';

const theme = makeTheme({ tones: 'dark', ascii: false, links: false });

describe('columns', () => {
  const columns = [
    { title: 'URI', width: 20, grow: 3 },
    { title: 'PLATFORM', width: 12, grow: 1 },
    { title: 'CLIENT', width: 10, drop: 1 },
    { title: 'LAST', width: 16, drop: 2 },
  ];
  it('that are less needed go first where the screen is narrow', () => {
    expect(columnWidths(columns, 60).map((width) => width > 0)).toEqual([true, true, false, true]);
    expect(columnWidths(columns, 40).map((width) => width > 0)).toEqual([true, true, false, false]);
  });
  it('share what is over, and never take more than there is', () => {
    for (const width of [60, 77, 120, 200]) {
      const widths = columnWidths(columns, width).filter((each) => each > 0);
      expect(widths.reduce((sum, each) => sum + each + 2, -2)).toBeLessThanOrEqual(width);
    }
  });
});

describe('lines', () => {
  it('are never wider than the screen, whatever they hold', () => {
    const spans = [{ text: '例'.repeat(50) }, { text: '\u001b[2J\u0007evil\u202e' }];
    expect(widthOfLine(cutLine(spans, 33))).toBeLessThanOrEqual(33);
    expect(paintLines([spans], 200, 1, theme)).not.toMatch(/\u001b\[2J|\u0007|\u202e/);
  });
  it('keep their right side whole', () => {
    const split = splitLine([{ text: 'a'.repeat(100) }], [{ text: 'queue' }], 40);
    expect(split.at(-1)?.text).toBe('queue');
    expect(widthOfLine(split)).toBe(40);
  });
});

describe('a theme', () => {
  it('without colours keeps weight and reverse', () => {
    const mono = themeOf({ NO_COLOR: '1', LANG: 'en_US.UTF-8' });
    expect(mono.paint('x', { tone: 'bad' })).toBe('\u001b[1mx\u001b[22m');
    expect(mono.paint('x', { tone: 'good', inverse: true })).toBe('\u001b[7mx\u001b[27m');
    expect(themeOf({ LANG: 'en_US.UTF-8' }).paint('x', { tone: 'bad' })).toBe('\u001b[31mx\u001b[39m');
  });
  it('has plain signs where the locale is not UTF-8', () => {
    expect(themeOf({ LANG: 'C' }).glyphs.on).toBe('*');
    expect(themeOf({ LC_ALL: 'C.utf8' }).glyphs.on).toBe('●');
    expect(themeOf({ LANG: 'C' }).plain('a · b…')).toBe('a - b~');
  });
  it('has a sign of its own for each state', () => {
    const { on, off, busy, done, failed, running } = theme.glyphs;
    expect(new Set([on, off, busy, done, failed, running]).size).toBe(6);
  });
});
