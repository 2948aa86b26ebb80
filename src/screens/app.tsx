import { Box, Text, useApp, useInput, usePaste } from 'ink';
import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import type { ConsoleStore, TerminalPort } from '../state/console.ts';
import { keyNames } from '../state/keys.ts';
import { SMALLEST } from '../state/layout.ts';
import { type ConsoleState, currentDialog, currentPage } from '../state/model.ts';
import { tabsOf } from '../state/page-table.ts';
import { enterPressed } from './enter-pressed.ts';
import { footLines, headLines } from './frame.ts';
import { dialogLines } from './pages/dialog-page.ts';
import { homePageLines } from './pages/home-page.ts';
import { logPageLines } from './pages/log-page.ts';
import { objectPageLines } from './pages/object-page.ts';
import { taskPageLines } from './pages/task-page.ts';
import { tourLines } from './pages/tour-page.ts';
import { stopProcess } from './stop-process.ts';
import type { Theme } from './theme.ts';
import { type Line, line, paintLines } from './widgets/lines.ts';
import { tableLines } from './widgets/table.ts';

/** What the screen asks of the terminal beside drawing. */
export interface Hands {
  copy(text: string): void;
  /** While it is aside the terminal belongs to somebody else: nothing is written, and ctrl-c is not ours. */
  aside(away: boolean): void;
}

/** The console on a terminal: draws what the store knows, and hands it every key. */
export function App(props: { store: ConsoleStore; theme: Theme; hands: Hands }): ReactNode {
  const { store, theme, hands } = props;
  const state = useSyncExternalStore(store.subscribe, store.getState);
  const { columns, rows } = state;
  const { exit, suspendTerminal } = useApp();

  useEffect(() => {
    const handOver = (work: () => Promise<void>): Promise<void> =>
      suspendTerminal(async () => {
        await written();
        hands.aside(true);
        await written();
        await work();
      }).finally(() => hands.aside(false));
    const terminal: TerminalPort = {
      stepAside: (work) =>
        handOver(async () => {
          const { read } = await work();
          if (read) await enterPressed();
        }),
      stopProcess: () => handOver(stopProcess),
      copy: hands.copy,
    };
    store.start(terminal);
  }, [store, suspendTerminal, hands]);
  useEffect(() => {
    if (state.exit) exit();
  }, [state.exit, exit]);
  useInput((input, flags) => {
    for (const key of keyNames(input, flags)) store.press(key);
  });
  usePaste((text) => store.paste(text));

  // One Text holds the whole screen: Ink then has one thing to measure, and still sends only what changed.
  const lines = screenLines(store, state, theme);
  return (
    <Box width={columns} height={rows}>
      <Text>{paintLines(lines, columns, rows, theme)}</Text>
    </Box>
  );
}

/** The whole screen as lines. */
export function screenLines(store: ConsoleStore, state: ConsoleState, theme: Theme): Line[] {
  const { columns, rows } = state;
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return tooSmall(columns, rows);
  const head = headLines(state, theme);
  const foot = footLines(store, state, theme);
  const height = rows - head.length - foot.length;
  const body = bodyLines(store, state, theme).slice(0, height);
  const fill: Line[] = Array.from({ length: Math.max(0, height - body.length) }, () => []);
  return [...head, ...body, ...fill, ...foot];
}

function bodyLines(store: ConsoleStore, state: ConsoleState, theme: Theme): Line[] {
  const dialog = currentDialog(state);
  const inBody = dialog && dialogLines(store, state, dialog, theme);
  if (inBody) return inBody;
  const page = pageLines(state, theme);
  return dialog?.kind === 'tour' ? tourLines(page, state, dialog, theme) : page;
}

function pageLines(state: ConsoleState, theme: Theme): Line[] {
  const { kind } = currentPage(state);
  if (kind === 'home') return homePageLines(state, theme);
  if (kind === 'task') return taskPageLines(state, theme);
  if (kind === 'log') return logPageLines(state, theme);
  return tabsOf[kind] ? objectPageLines(state, theme) : tableLines(state, theme);
}

/** Until what was written in this turn is out: the terminal is whole before it is handed over. */
const written = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const tooSmall = (columns: number, rows: number): Line[] => [
  line('The window is too small.', 'warn'),
  line(`Needed: ${SMALLEST.columns} x ${SMALLEST.rows}`),
  line(`There is: ${columns} x ${rows}`),
];
