import type { ConsoleState } from '../../state/model/state.ts';
import { cutText, safeText, widthOf } from '../../state/text/fit.ts';
import type { Look, Theme } from '../theme.ts';

/** A stretch of text on a line. */
export interface Span extends Look {
  text: string;
}

/** A line of the screen. Pages are functions from the state to lines. */
export type Line = readonly Span[];

/** A line of one text. */
export const line = (text: string, tone?: Look['tone']): Line => [tone ? { text, tone } : { text }];

/** The label of this machine, with a blank behind it; nothing where it has none. */
export const labelSpans = ({ label, colour }: ConsoleState['marking']): Span[] =>
  label === '' ? [] : [{ text: ` ${label} `, label: colour, bold: true }, { text: '  ' }];

/** Text on the left and on the right; the right side is kept whole where the two do not fit. */
export function splitLine(left: Line, right: Line, width: number): Line {
  const room = width - widthOfLine(right);
  const cut = cutLine(left, Math.max(0, room - (right.length > 0 ? 1 : 0)));
  return [...cut, { text: ' '.repeat(Math.max(0, room - widthOfLine(cut))) }, ...right];
}

/** How many cells a line takes. */
export const widthOfLine = (spans: Line): number => spans.reduce((sum, { text }) => sum + widthOf(safeText(text)), 0);

/** Cuts a line to at most `width` cells. */
export function cutLine(spans: Line, width: number, ellipsis = '…'): Line {
  let left = width;
  const cut: Span[] = [];
  for (const span of spans) {
    if (left <= 0) break;
    const text = cutText(safeText(span.text), left, ellipsis);
    left -= widthOf(text);
    cut.push({ ...span, text });
  }
  return cut;
}

/**
 * Lines as one text, exactly `height` of them. The only place that makes text for the terminal: control sequences in what it
 * is given are taken out, and no line is wider than the screen.
 */
export function paintLines(lines: readonly Line[], width: number, height: number, theme: Theme): string {
  const rows = Array.from({ length: height }, (_, row) => paintLine(lines[row] ?? [], width, theme));
  return rows.join('\n');
}

function paintLine(spans: Line, width: number, theme: Theme): string {
  const plain = spans.map((span) => ({ ...span, text: theme.plain(span.text) }));
  const cut = cutLine(plain, width, theme.glyphs.ellipsis).filter(({ text }) => text !== '');
  // An empty line of a Text has no width, but must have its height.
  return (
    joined(cut)
      .map((span) => theme.paint(span.text, span))
      .join('') || ' '
  );
}

/** Joins neighbours of the same style: each change of style costs bytes. */
function joined(spans: Line): Span[] {
  const out: Span[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    const same =
      last &&
      last.tone === span.tone &&
      !last.bold === !span.bold &&
      !last.inverse === !span.inverse &&
      last.link === span.link &&
      last.label === span.label;
    if (same) out[out.length - 1] = { ...last, text: last.text + span.text };
    else out.push(span);
  }
  return out;
}
