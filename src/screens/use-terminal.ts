import { useApp, useInput, usePaste } from 'ink';
import { useEffect, useSyncExternalStore } from 'react';
import type { PasteGuard } from '../state/dialogs/unmarked-paste.ts';
import type { ConsoleState } from '../state/model/state.ts';
import type { ConsoleStore, TerminalPort } from '../state/model/store.ts';
import { keyNames } from '../state/text/keys.ts';
import { enterPressed } from './enter-pressed.ts';
import { stopProcess } from './stop-process.ts';

/** What the screen asks of the terminal beside drawing. */
export interface Hands {
  /** False where the terminal has no clipboard that could be asked. */
  copy(text: string): boolean;
  /** Finds pastes that the terminal does not mark as such. */
  isPaste: PasteGuard;
  /** While it is aside the terminal belongs to somebody else: nothing is written, and ctrl-c is not ours. */
  aside(away: boolean): void;
}

/** Joins a store to the terminal: every key goes to it, and it can give the terminal away. Gives what it knows. */
export function useTerminal(store: ConsoleStore, hands: Hands): ConsoleState {
  const state = useSyncExternalStore(store.subscribe, store.getState);
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
    if (hands.isPaste(input, store.getState())) return store.paste(input);
    for (const key of keyNames(input, flags)) store.press(key);
  });
  usePaste((text) => store.paste(text));
  return state;
}

/** Until what was written in this turn is out: the terminal is whole before it is handed over. */
const written = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
