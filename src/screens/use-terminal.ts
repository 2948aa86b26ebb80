import { useApp, useInput, usePaste } from 'ink';
import { useEffect, useSyncExternalStore } from 'react';
import type { PasteGuard } from '../state/dialogs/unmarked-paste.ts';
import type { ConsoleState } from '../state/model/state.ts';
import type { ConsoleStore, TerminalPort } from '../state/model/store.ts';
import { keyNames } from '../state/text/keys.ts';
import { enterPressed } from './enter-pressed.ts';
import { stopProcess } from './stop-process.ts';

/** What the console does with the terminal beside drawing on it. */
export interface TerminalControl {
  /** Sends a text to the clipboard of the terminal; false where that is impossible. */
  copy(text: string): boolean;
  /** Recognises pastes that the terminal does not mark as such. */
  isPaste: PasteGuard;
  /** Called with true while another program has the terminal: nothing is written then, and ctrl-c is not ours. */
  aside(away: boolean): void;
}

/** Connects a store to the terminal: it gets every key, and can hand the terminal over. Returns its state. */
export function useTerminal(store: ConsoleStore, control: TerminalControl): ConsoleState {
  const state = useSyncExternalStore(store.subscribe, store.getState);
  const { exit, suspendTerminal } = useApp();

  useEffect(() => {
    const handOver = (work: () => Promise<void>): Promise<void> =>
      suspendTerminal(async () => {
        await written();
        control.aside(true);
        await written();
        await work();
      }).finally(() => control.aside(false));
    const terminal: TerminalPort = {
      stepAside: (work) =>
        handOver(async () => {
          const { read } = await work();
          if (read) await enterPressed();
        }),
      stopProcess: () => handOver(stopProcess),
      copy: control.copy,
    };
    store.start(terminal);
  }, [store, suspendTerminal, control]);
  useEffect(() => {
    if (state.exit) exit();
  }, [state.exit, exit]);
  useInput((input, flags) => {
    if (control.isPaste(input, store.getState())) return store.paste(input);
    for (const key of keyNames(input, flags)) store.press(key);
  });
  usePaste((text) => store.paste(text));
  return state;
}

/** Resolves when what was written in this turn is out: the terminal is complete before it is handed over. */
const written = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
