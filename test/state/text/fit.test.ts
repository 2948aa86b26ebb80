import { describe, expect, it } from 'vitest';
import { chopText, cutText, padText, safeText, widthOf } from '../../../src/state/text/fit.ts';
import { formatAgo, formatBytes, formatClock, formatSpan, wrapText } from '../../../src/state/text/format.ts';

describe('text in cells', () => {
  it('is measured as a terminal draws it', () => {
    expect(widthOf('● enabled')).toBe(9);
    expect(widthOf('例え')).toBe(4);
    expect(widthOf('e\u0301')).toBe(1);
  });
  it('is cut between characters, never through one', () => {
    expect(cutText('example.org', 6)).toBe('examp…');
    expect(cutText('例例例', 4)).toBe('例…');
    expect(padText('例', 4)).toBe('例  ');
    expect(padText('7', 3, 'right')).toBe('  7');
  });
  it('is broken into lines that fit', () => {
    expect(chopText('例例例', 4)).toEqual(['例例', '例']);
    expect(wrapText('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrapText('a'.repeat(12), 5)).toEqual(['aaaaa', 'aaaaa', 'aa']);
  });
  it('carries nothing that a terminal obeys', () => {
    expect(safeText('a\nb\tc')).toBe('a b c');
    expect(safeText('\u001b]52;c;aGk=\u0007x\u202e')).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

describe('figures', () => {
  it('are short', () => {
    const now = Date.parse('2026-11-23T10:00:00Z');
    const ago = (seconds: number): string => formatAgo(new Date(now - seconds * 1000).toISOString(), now);
    expect([2, 59, 3600, 90_000, 15 * 86_400, 800 * 86_400].map(ago)).toEqual([
      'now',
      '59s ago',
      '1h ago',
      '1d ago',
      '2w ago',
      '2y ago',
    ]);
    expect(formatAgo(null, now)).toBe('–');
    expect([12_000, 3_727_000].map(formatClock)).toEqual(['00:12', '1:02:07']);
    expect([400, 12_400, 185_000].map(formatSpan)).toEqual(['0.4 s', '12 s', '03:05']);
    expect([0, 812_000, 1_400_000_000].map(formatBytes)).toEqual(['0 B', '812 kB', '1.4 GB']);
  });
});
