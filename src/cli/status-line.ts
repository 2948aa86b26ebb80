import { drawsOver } from '../screens/draws-over.ts';
import { shown as forTerminal } from './shown.ts';

/** A line at the end of a terminal that is written over, for what changes while one waits. */
export interface StatusLine {
  show(text: string): void;
  /** Takes it away, before anything else is printed. */
  clear(): void;
}

/** On standard error, where that is a terminal that can be written over; elsewhere nothing is shown. */
export function openStatusLine(): StatusLine {
  let shown = '';
  const clear = (): void => {
    if (shown !== '') process.stderr.write('\r\u001b[K');
    shown = '';
  };
  return {
    show(text) {
      if (!process.stderr.isTTY || !drawsOver() || text === shown) return;
      clear();
      shown = forTerminal(text).slice(0, (process.stderr.columns || 80) - 1);
      process.stderr.write(shown);
    },
    clear,
  };
}
