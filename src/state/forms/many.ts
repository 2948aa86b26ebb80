import { describeError, type ErrorDocument } from '../../provision/model/errors.ts';
import type { Slices } from '../../worker/slices.ts';
import type { ConsoleState, Going } from '../model/state.ts';

/** Does things with many behind the screen. */
export interface Many {
  /**
   * The first slice is done at once, and with few that is all; the rest follows between frames, with a line that says
   * how far it is. `then` is called when all are done, or with why the rest cannot be.
   */
  begin<T>(what: Pick<Going, 'what' | 'unit'>, slices: Slices<T>, then: (error?: ErrorDocument) => void): void;
  /** Does at once what is left: what was asked for is done before the console is left. Gives what was in the way. */
  finish(): ErrorDocument | undefined;
}

/** How many reasons are said one by one. */
const MOST_REASONS = 20;

/** Reasons why some of many were left out; of very many the first, and how many more there are. */
export const fewReasons = (reasons: readonly string[]): string[] =>
  reasons.length <= MOST_REASONS
    ? [...reasons]
    : [...reasons.slice(0, MOST_REASONS), `and ${reasons.length - MOST_REASONS} more were left out`];

/** Makes it, over a store. */
export function makeMany(update: (change: (state: ConsoleState) => ConsoleState) => void): Many {
  const open = new Set<Slices<unknown>>();

  function begin<T>(
    { what, unit }: Pick<Going, 'what' | 'unit'>,
    slices: Slices<T>,
    then: (error?: ErrorDocument) => void,
  ): void {
    const { total } = slices;
    let shown: Going | undefined;
    open.add(slices);
    step();

    function step(): void {
      // The console was left meanwhile.
      if (!open.has(slices)) return;
      let more = false;
      let error: ErrorDocument | undefined;
      try {
        more = slices.next();
      } catch (thrown) {
        error = describeError(thrown);
      }
      if (more) setImmediate(step);
      else open.delete(slices);
      if (more || shown)
        show(more ? { what, unit, total, done: slices.done, since: shown?.since ?? Date.now() } : undefined);
      if (!more) then(error);
    }

    function show(next: Going | undefined): void {
      const before = shown;
      shown = next;
      update((state) => ({
        ...state,
        going: [...state.going.filter((one) => one !== before), ...(next ? [next] : [])],
      }));
    }
  }

  function finish(): ErrorDocument | undefined {
    const left = [...open];
    open.clear();
    try {
      for (const slices of left) while (slices.next());
      return undefined;
    } catch (error) {
      return describeError(error);
    }
  }

  return { begin, finish };
}
