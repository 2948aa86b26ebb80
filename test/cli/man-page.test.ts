import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { manPage } from '../../src/cli/man-page.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { VERSION } from '../../src/version.ts';

const file = join(import.meta.dirname, '../../docs/aegir.1');
const made = manPage(
  buildProgram(VERSION, () => async () => {}, standardProgram),
  VERSION,
);

it('the manual page tells of every command that there is', () => {
  expect(readFileSync(file, 'utf8'), 'npm run docs writes it anew').toBe(made);
});

it('and has no line that roff would take for an order of its own', () => {
  const orders = made.split('\n').filter((line) => /^[.']/.test(line));
  expect(orders.filter((line) => !/^\.(TH|SH|TP|B|PP|RS|RE|nf|fi|br|\\")( |$)/.test(line))).toEqual([]);
  expect(made).not.toMatch(/[^\u0000-\u007e]/);
});

it.runIf(spawnSync('groff', ['--version']).status === 0)(
  'and is set by groff without a complaint (needs groff)',
  () => {
    const set = spawnSync('groff', ['-man', '-Tascii', '-ww', '-P-cbou', file], { encoding: 'utf8' });
    expect(set.stderr).toBe('');
    expect(set.stdout).toMatch(/site install URI/);
    expect(set.stdout).toMatch(/aegir site install shop\.example\.org --platform wp/);
  },
);
