import { type ConsoleState, currentDialog, type Dialog } from './state.ts';

interface Updates {
  update(change: (state: ConsoleState) => ConsoleState): void;
}

/** The console with one more dialog, which has the keys. What was said before it was opened has been read. */
export const withDialog = (state: ConsoleState, dialog: Dialog): ConsoleState => ({
  ...state,
  notice: undefined,
  dialogs: [...state.dialogs, dialog],
});

/** The console without the dialog that had the keys. */
export const withoutDialog = (state: ConsoleState): ConsoleState => ({ ...state, dialogs: state.dialogs.slice(0, -1) });

/** Opens a dialog. */
export const openDialog = ({ update }: Updates, dialog: Dialog): void => update((state) => withDialog(state, dialog));

/** Closes the dialog that asks for a file, where it has the keys: what it asked for is done. */
export const closeFileDialog = ({ update }: Updates): void =>
  update((state) => (currentDialog(state)?.kind === 'file' ? withoutDialog(state) : state));
