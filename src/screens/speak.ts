import type { ConsoleStore } from '../state/model/store.ts';
import { safeText } from '../state/text/fit.ts';
import { announcementOf, type SpokenScreen, spokenScreen } from './linear.ts';

/** Rewrites the current line (ECMA-48: carriage return, erase to end of line). */
const REWRITE = '\r\u001b[K';
const SHOW_CURSOR = '\u001b[?25h';

/** Changes that come faster than this are announced together. */
const GATHER_MS = 50;

/**
 * Writes what changes on the screen as plain lines below each other, for a screen reader; an input field is one line that
 * is rewritten as somebody types. Nothing else is ever drawn over. `again` announces the whole screen once more.
 */
export function announceChanges(
  store: ConsoleStore,
  { write, away, dumb }: { write(text: string): void; away(): boolean; dumb: boolean },
): { stop(): void; again(): void } {
  let announced: SpokenScreen | undefined;
  let field: string | undefined;
  let waiting: NodeJS.Timeout | undefined;

  function look(): void {
    waiting = undefined;
    const state = store.getState();
    // The commands are known a moment after the page: both are announced together, once.
    const early = announced === undefined && !state.catalogue && !state.notice;
    if (away() || early) return;
    const now = spokenScreen(store, state);
    const news = announcementOf(announced, now);
    announced = now;
    const before =
      field === undefined ? '' : news.lines.length > 0 || now.field === undefined ? '\n' : clearLine(field);
    // The only place that writes to the terminal here: control sequences are taken out.
    const text = news.lines.map((line) => `${safeText(line)}\n`).join('') + safeText(news.field ?? '');
    if (text === '' && !(field !== undefined && now.field === undefined)) return;
    write(`${before}${text}${dumb ? '' : SHOW_CURSOR}`);
    field = now.field;
  }

  /** Clears the line of the input field. A dumb terminal cannot erase: blanks overwrite it. */
  const clearLine = (line: string): string => (dumb ? `\r${' '.repeat(safeText(line).length)}\r` : REWRITE);

  const later = (): void => {
    waiting ??= setTimeout(look, GATHER_MS);
  };
  const unsubscribe = store.subscribe(later);
  later();
  return {
    /** After another program had the terminal. */
    again() {
      announced = undefined;
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
