import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { ConsoleStore } from '../state/model/store.ts';
import { screenLines } from './screen-lines.ts';
import type { Theme } from './theme.ts';
import { type Hands, useTerminal } from './use-terminal.ts';
import { paintLines } from './widgets/lines.ts';

/** The console on a terminal: draws what the store knows, and hands it every key. */
export function App(props: { store: ConsoleStore; theme: Theme; hands: Hands }): ReactNode {
  const { store, theme, hands } = props;
  const state = useTerminal(store, hands);
  const { columns, rows } = state;

  // One Text holds the whole screen: Ink then has one thing to measure, and still sends only what changed.
  const lines = screenLines(store, state, theme);
  return (
    <Box width={columns} height={rows}>
      <Text>{paintLines(lines, columns, rows, theme)}</Text>
    </Box>
  );
}

/** The console for somebody who hears it: it only takes keys; what is said is written as plain lines, one after the other. */
export function LinearApp({ store, hands }: { store: ConsoleStore; hands: Hands }): ReactNode {
  useTerminal(store, hands);
  return null;
}
