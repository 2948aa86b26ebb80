import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { cutText, safeText, widthOf } from '../../state/fit.ts';
import type { Tone } from '../../state/table.ts';
import type { Theme } from '../theme.ts';

/** A stretch of text on a line. */
export interface Span {
  text: string;
  tone?: Tone;
  bold?: boolean;
  /** Selected: drawn in reverse, without colours of its own. */
  inverse?: boolean;
}

/** A line of the screen. Pages are functions from the state to lines. */
export type Line = readonly Span[];

/** A line of one text. */
export const line = (text: string, tone?: Tone): Line => [tone ? { text, tone } : { text }];

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
 * Draws lines, exactly `height` of them. The only place that writes text: whatever it is given, nothing in it can
 * steer the terminal, and no line is wider than the screen.
 */
export function Lines(props: { lines: readonly Line[]; width: number; height: number; theme: Theme }): ReactNode {
  const { lines, width, height, theme } = props;
  return (
    <Box flexDirection="column" height={height} width={width} overflow="hidden">
      {Array.from({ length: height }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its place
        <Text key={row} wrap="truncate">
          {drawLine(lines[row] ?? [], width, theme)}
        </Text>
      ))}
    </Box>
  );
}

function drawLine(spans: Line, width: number, theme: Theme): ReactNode {
  const cut = cutLine(
    spans.map((span) => ({ ...span, text: theme.text(span.text) })),
    width,
    theme.glyphs.ellipsis,
  );
  // An empty Text has no height.
  if (cut.length === 0) return ' ';
  return cut.map(({ text, tone, bold, inverse }, place) => {
    const look = inverse ? {} : theme.look(tone ?? 'plain');
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a stretch of a line is its place
      <Text key={place} {...look} bold={bold ?? look.bold} inverse={inverse}>
        {text}
      </Text>
    );
  });
}
