import type { ConsoleStore } from '../state/model/store.ts';
import { safeText } from '../state/text/fit.ts';
import { sayChange, type Told, toldOf } from './linear.ts';

/** Begins the line anew (ECMA-48: carriage return, erase to its end). */
const ANEW = '\r\u001b[K';
const SHOW_CURSOR = '\u001b[?25h';

/** Changes that come faster than this are told together. */
const GATHER_MS = 50;

/**
 * Tells what changes on the screen as plain lines below each other, for reading aloud; a field that is typed into is
 * one line that is written anew. Nothing is ever drawn over. Returns what ends it.
 */
export function speakChanges(
  store: ConsoleStore,
  { write, away, dumb }: { write(text: string): void; away(): boolean; dumb: boolean },
): { stop(): void; again(): void } {
  let told: Told | undefined;
  let field: string | undefined;
  let waiting: NodeJS.Timeout | undefined;

  function look(): void {
    waiting = undefined;
    const state = store.getState();
    // What can be done is known a moment after what there is; it is told once, and whole.
    const early = told === undefined && !state.catalogue && !state.notice;
    if (away() || early) return;
    const now = toldOf(store, state);
    const said = sayChange(told, now);
    told = now;
    const before = field === undefined ? '' : said.lines.length > 0 || now.field === undefined ? '\n' : anew(field);
    // The only place that makes text for the terminal here: nothing in it can steer the terminal.
    const text = said.lines.map((line) => `${safeText(line)}\n`).join('') + safeText(said.field ?? '');
    if (text === '' && !(field !== undefined && now.field === undefined)) return;
    write(`${before}${text}${dumb ? '' : SHOW_CURSOR}`);
    field = now.field;
  }

  /** A dumb terminal cannot erase: blanks do. */
  const anew = (line: string): string => (dumb ? `\r${' '.repeat(safeText(line).length)}\r` : ANEW);

  const later = (): void => {
    waiting ??= setTimeout(look, GATHER_MS);
  };
  const unsubscribe = store.subscribe(later);
  later();
  return {
    /** All of it, as after somebody else had the terminal. */
    again() {
      told = undefined;
      field = undefined;
      later();
    },
    stop() {
      unsubscribe();
      clearTimeout(waiting);
      if (field !== undefined) write('\n');
    },
  };
}
