import type { Act, Command } from './command.ts';
import type { FormChoice } from './form.ts';
import type { Dialog } from './state.ts';

/** Gives names that may follow a command and begin so, not all of them where there are many. */
export type NamesBeginning = (takes: NonNullable<Command['takes']>, begun: string) => readonly string[];

/** What dialogs use beside the state. */
export interface DialogTools {
  act: Act;
  namesBeginning: NamesBeginning;
  /** All that the current question of a form offers. */
  choices(): readonly FormChoice[];
  queueForm(): void;
  /** Shows what the form's task would do. */
  planForm(): void;
  leaveForm(): void;
}

/** What a key made of a dialog: what it is now (undefined: closed), and what happens then. */
export interface Outcome {
  dialog: Dialog | undefined;
  run?(): void;
}
