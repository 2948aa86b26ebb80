import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The built program, as users have it; it starts in half the time of its sources. `build-program.ts` builds it. */
export const program = join(
  import.meta.dirname,
  process.env.AEGIR_TEST_ACTS === 'wire' ? 'over-wire/aegir.js' : '../../dist/aegir.js',
);

/** Runs the program on a root until it ends, for at most two minutes. */
export const runProgram = (root: string, ...words: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [program, '--root', root, ...words], { encoding: 'utf8', input: '', timeout: 120_000 });

/** Never called: tests of the program depend on all of its sources, which `npm test -- changed` learns from this. */
export const sources = (): Promise<unknown> => import('../../src/main.ts');
