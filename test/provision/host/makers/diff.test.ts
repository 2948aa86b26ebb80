import { describe, expect, it } from 'vitest';
import { lineDiff } from '../../../../src/provision/host/makers/diff.ts';

describe('the difference of two files', () => {
  it.each([
    ['nothing', 'a\nb\n', 'a\nb\n', []],
    ['a new file', '', 'a\nb\n', ['+a', '+b']],
    ['an emptied file', 'a\n', '', ['-a']],
    ['a changed line', 'a\nb\nc\n', 'a\nx\nc\n', ['-b', '+x']],
    ['a line more', 'a\nc\n', 'a\nb\nc\n', ['+b']],
    ['lines that moved', 'a\nb\nc\nd\n', 'c\na\nb\nd\n', ['+c', '-c']],
    ['a repeated line', 'x\nx\nx\n', 'x\nx\n', ['-x']],
    ['the newline at the end', 'a', 'a\n', ['-a (no newline at the end)', '+a']],
  ])('shows %s', (_what, before, after, lines) => {
    expect(lineDiff(before, after)).toEqual(lines);
  });

  it('gives the new text when it is applied to the old one, and is as short as can be', () => {
    let state = 5;
    const next = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 300; round += 1) {
      const make = (): string => Array.from({ length: next(12) }, () => `${'abc'[next(3)]}\n`).join('');
      const [before, after] = [make(), make()];
      const diff = lineDiff(before, after);
      const count = (text: string, line: string): number =>
        text.split('\n').filter((candidate) => candidate === line).length;
      for (const letter of 'abc') {
        const changed =
          diff.filter((line) => line === `+${letter}`).length - diff.filter((line) => line === `-${letter}`).length;
        expect(count(before, letter) + changed).toBe(count(after, letter));
      }
      expect(diff.length === 0).toBe(before === after);
    }
  });

  it('of two large files is made too', () => {
    const large = (word: string): string => Array.from({ length: 50_000 }, (_, line) => `${word} ${line}\n`).join('');
    expect(lineDiff(large('a'), large('b'))).toHaveLength(100_000);
    expect(lineDiff(large('a'), large('a').replace('a 25000\n', 'x\n'))).toEqual(['-a 25000', '+x']);
  });
});
