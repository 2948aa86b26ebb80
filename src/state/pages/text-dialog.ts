import type { Choice, Dialog } from '../model/state.ts';

/** A text to be read, with what can be done about it. */
export const textDialog = (
  title: string,
  lines: readonly string[],
  choices: readonly Choice[] = [],
): Extract<Dialog, { kind: 'confirm' }> => ({
  kind: 'confirm',
  title,
  lines: [...lines],
  choices: [{ label: 'Close' }, ...choices],
  selected: 0,
  top: 0,
});
