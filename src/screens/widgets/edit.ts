import { cutText, widthOf } from '../../state/text/fit.ts';
import { partsAtCursor, type TextEdit } from '../../state/text/text-edit.ts';
import type { Span } from './lines.ts';

/** A text field of at most `width` cells, its cursor in reverse; a longer text shows the part round the cursor. */
export function editSpans(edit: TextEdit, width: number): Span[] {
  const { left, under, right } = partsAtCursor(edit);
  const before = endOf(left, width - 2);
  return [{ text: before }, { text: under, inverse: true }, { text: cutText(right, width - widthOf(before) - 1) }];
}

/** A secret as it is shown while it is typed: one placeholder for each character. */
export const hiddenEdit = ({ text, cursor }: TextEdit): TextEdit => ({ text: '*'.repeat(text.length), cursor });

function endOf(text: string, width: number): string {
  let end = text;
  while (widthOf(end) > width) end = end.slice(Math.max(1, end.length - width));
  return end;
}
