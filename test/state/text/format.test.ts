import { expect, it } from 'vitest';
import { formatProgress } from '../../../src/state/text/format.ts';

it.each([
  [{ done: 14, total: 33, unit: 'files' }, '14 of 33 files'],
  [{ done: 43_000_000, total: 158_000_000, unit: 'bytes' }, '43.0 MB of 158 MB'],
  [{ done: 43_000_000, total: 0, unit: 'bytes' }, '43.0 MB'],
  [{ done: 7, total: 0, unit: 'packages' }, '7 packages'],
])('progress is told in words that fit what is known', (progress, text) => {
  expect(formatProgress(progress)).toBe(text);
});
