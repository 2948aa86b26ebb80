import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { ConsoleStore } from '../state/model/store.ts';
import { screenLines } from './screen-lines.ts';
import type { Theme } from './theme.ts';
import { type TerminalControl, useTerminal } from './use-terminal.ts';
import { paintLines } from './widgets/lines.ts';

/** The console on a terminal: draws the state of the store, and sends it every key. */
export function App(props: { store: ConsoleStore; theme: Theme; control: TerminalControl }): ReactNode {
  const { store, theme, control } = props;
  const state = useTerminal(store, control);
  const { columns, rows } = state;

  // One Text holds the whole screen: Ink then has one thing to measure, and still sends only what changed.
  const lines = screenLines(store, state, theme);
  return (
    <Box width={columns} height={rows}>
      <Text>{paintLines(lines, columns, rows, theme)}</Text>
    </Box>
  );
}

/** The console for a screen reader: it only takes keys; `announceChanges` writes what there is to read, as plain lines. */
export function LinearApp({ store, control }: { store: ConsoleStore; control: TerminalControl }): ReactNode {
  useTerminal(store, control);
  return null;
}
