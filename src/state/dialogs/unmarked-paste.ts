import { type ConsoleState, currentDialog } from '../model/state.ts';

/** Says whether a piece of input is a paste that the terminal did not mark as one. */
export type PasteGuard = (input: string, state: ConsoleState) => boolean;

/** Pieces that follow this closely belong to the same paste. */
const SAME_PASTE_MS = 100;
/** So many keys may be struck while the line or the program holds them up: more than that at once was pasted. */
const STRUCK_AHEAD = 8;
/** The same for a form, where answers are typed one after the other. */
const TYPED_AHEAD = 32;
/** Keys that change nothing, however many of them come. */
const harmless = /^[jkhlgGoO1-6 \t\r\n]*$/;

/**
 * Finds pastes where the terminal has no marks for them (bracketed paste): the Linux console, GNU screen before 5. Their
 * text would run as keys. To be asked on those alone: elsewhere many keys at once were struck ahead. Few keys, and a line struck ahead (`:sites`, enter), are none; where it is not certain, nothing
 * is run.
 */
export function makePasteGuard(now: () => number = Date.now): PasteGuard {
  let until = 0;
  return (input, state) => {
    const going = now() < until && /[^\u0000-\u001f\u007f]/.test(input);
    if (!going && !looksPasted(input, state)) return false;
    until = now() + SAME_PASTE_MS;
    return true;
  };
}

function looksPasted(input: string, state: ConsoleState): boolean {
  if (input.length < 2 || harmless.test(input)) return false;
  const [, rest = ''] = /[\r\n]([\s\S]*)$/.exec(input) ?? [];
  const dialog = currentDialog(state);
  if (dialog?.kind === 'form') return rest.trim() !== '' && input.length > TYPED_AHEAD;
  // What follows the line would be keys.
  const keysBehind = rest.length > 1 && !harmless.test(rest);
  if ((dialog && 'edit' in dialog) || /^[:/]/.test(input)) return keysBehind;
  const held = [...input].every((key) => key === input[0]);
  return !held && (keysBehind || input.length > STRUCK_AHEAD);
}
