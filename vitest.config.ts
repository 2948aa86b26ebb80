import { mkdirSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/support/long-first.ts';

/** `npm test` gives a run its own home; without it all runs share one that is no person's. */
const home = process.env.AEGIR_TEST_RUN ? (process.env.HOME ?? '') : join(tmpdir(), 'aegtest-home');
mkdirSync(home, { recursive: true });

/**
 * Tests wait for half of their time (for a daemon, a screen that has settled), so that two a core keep it busy. One with
 * services of its own takes up to a gigabyte.
 */
const maxWorkers = Math.max(1, Math.min(2 * availableParallelism(), Math.floor(totalmem() / 2 ** 30)));

/**
 * Fast tests need nothing but the packages; those of trials start embedded services, which run anywhere; real ones
 * need root and the services that `npm test` installs.
 */
export default defineConfig({
  test: {
    globalSetup: ['test/support/build-program.ts'],
    sequence: { sequencer: LongFirst },
    setupFiles: process.env.AEGIR_TEST_ACTS === 'wire' ? ['test/support/acts-over-wire.ts'] : [],
    // A busy machine takes its time.
    expect: { poll: { timeout: 30_000 } },
    // A closed set of variables: a developer's own must not decide what a test sees.
    env: { AEGIR_ROOT: '', NO_COLOR: '', FORCE_COLOR: '0', TZ: 'UTC', LANG: 'C.UTF-8', LC_ALL: '', HOME: home },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/**/*.{real,trial}.test.{ts,tsx}'],
          // A process for each file costs nearly a second of CPU, a third of what they take; here each leaves its
          // process as it found it.
          isolate: false,
          setupFiles: ['test/support/leave-as-found.ts'],
          testTimeout: 60_000,
          maxWorkers,
        },
      },
      {
        extends: true,
        test: {
          name: 'trial',
          include: ['test/**/*.trial.test.{ts,tsx}'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          maxWorkers,
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['test/**/*.real.test.{ts,tsx}'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers,
        },
      },
    ],
  },
});
