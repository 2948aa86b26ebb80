import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entries, titleOf } from './entries.ts';
import type { Entry } from './entry.ts';
import { faultNames, type Result, tryEntry } from './matrix.ts';
import { codes, openWorld, type World } from './world.ts';

// The short form of `npm run crash-matrix`: of each task a moment, drawn by a seed, for half of the faults. docs/testing.md says how
// to repeat one, and how to try all of them.
const SEED = Number(process.env.AEGIR_MATRIX_SEED ?? 20_261_123);
const MOMENTS = 1;
/** To know how a task is undone it must run once more: of the odd ones every third is interrupted there too, by the seed. */
const isUndone = (place: number): boolean => place % 3 === SEED % 3;
/** Half of the faults for one task, the other half for the next. */
const faultsFor = (place: number): string[] =>
  faultNames.filter((name, at) => at % 2 === place % 2 && (name !== 'kill in undo' || isUndone(place)));
/** Those that make, move or lose most; the whole matrix tries all. */
const main =
  /^platform\.(add|delete)$|^site\.(install|delete|backup|restore|clone|import|migrate|update|rename|disable|set)$/;

describe.each(codes.map((code, place) => ({ ...code, place })))('a fault in a task of $name', (code) => {
  let world: World | undefined;
  beforeAll(async () => {
    world = await openWorld(code);
  });
  afterAll(() => world?.close());

  // Each task on one of the code bases, in turn.
  const tried = entries.filter(({ type }) => main.test(type)).filter((_, place) => place % codes.length === code.place);
  it.each(tried.map((entry, place) => [titleOf(entry), entry, faultsFor(place)] as const))(
    `leaves the old state or the new: %s (seed ${SEED})`,
    async (_title, entry: Entry, faults) => {
      world ??= await openWorld(code);
      const results: Result[] = [];
      const choice = { tasks: [], sample: MOMENTS, seed: SEED, shard: [0, 1] satisfies [number, number] };
      if (!(await tryEntry(world, entry, { ...choice, faults: [...faults] }, (result) => void results.push(result)))) {
        await world.close();
        world = undefined;
      }
      expect(results.filter(({ verdict }) => verdict !== 'old' && verdict !== 'new')).toEqual([]);
      expect(results.length).toBeGreaterThan(0);
    },
  );
});
