import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const rows = readFileSync('docs/pains.md', 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .flatMap(([, pain = '', , file = '', name = '']) =>
    /^\d+$/.test(pain) ? [{ pain, file: file.slice(1, -1), name }] : [],
  );

it.each(rows)('pain $pain is answered by the test that docs/pains.md names', ({ pain, file, name }) => {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const titles = text.split('\n').filter((line) => line.includes(`'${name}`) || line.includes(`: ${name}`));
  expect(titles).toEqual([expect.stringMatching(new RegExp(`^ *it\\('.*\\(pains? [^)]*\\b${pain}\\b[^)]*\\)', `))]);
});

it('of what they are there are rows', () => expect(rows.length).toBeGreaterThan(15));
