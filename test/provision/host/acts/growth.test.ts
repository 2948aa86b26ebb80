import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reportGrowth } from '../../../../src/provision/host/acts/growth.ts';

it('a program that tells no progress is watched by what it writes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aegtest-growth-'));
  writeFileSync(join(folder, 'before'), 'x'.repeat(500));
  const told: [number, number, string][] = [];
  const answer = await reportGrowth(
    [folder, join(folder, 'missing')],
    { onProgress: (...one) => told.push(one) },
    async () => {
      mkdirSync(join(folder, 'deep'));
      writeFileSync(join(folder, 'deep/file'), 'x'.repeat(2000));
      await expect.poll(() => told.length, { timeout: 5000 }).toBeGreaterThan(0);
      return 'done';
    },
  );
  const count = told.length;
  expect(answer).toBe('done');
  expect(told.at(-1)).toEqual([2000, 0, 'bytes']);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(told.length).toBe(count);
  rmSync(folder, { recursive: true });
});
