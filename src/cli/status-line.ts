import { drawsOver } from '../screens/draws-over.ts';
import { forTerminal } from './terminal-text.ts';

/** The last line of the terminal, which is overwritten to show progress. */
export interface StatusLine {
  show(text: string): void;
  /** Removes the line; needed before anything else is printed. */
  clear(): void;
}

/** A status line on stderr; it shows nothing unless stderr is a terminal that can overwrite lines. */
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
