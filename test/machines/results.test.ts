import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withFullTable } from './full-table.ts';
import { withResults } from './results.ts';
import { printedLines } from './scenarios/readme.ts';

it.each([
  ['docs/setup.md', withResults],
  ['docs/testing.md', withFullTable],
])('%s says what npm run machines has found', (file, make) => {
  const text = readFileSync(file, 'utf8');
  expect(make(text)).toBe(text);
});

it('the README prints, in words, what a new user does from setup to the deletion of a site', () => {
  expect(printedLines()).toEqual([
    expect.stringContaining('setup --yes'),
    expect.stringContaining('platform add wp'),
    expect.stringContaining('site install'),
    expect.stringContaining('curl'),
    expect.stringContaining('site login'),
    expect.stringContaining('site list'),
    expect.stringContaining('site delete'),
  ]);
});
