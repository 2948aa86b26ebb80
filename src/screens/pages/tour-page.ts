import type { ConsoleState, Dialog } from '../../state/model/state.ts';
import { bodyHeight } from '../../state/pages/layout.ts';
import { tourHeight, tourStops } from '../../state/pages/tour.ts';
import { wrapText } from '../../state/text/format.ts';
import type { Theme } from '../theme.ts';
import { type Line, line } from '../widgets/lines.ts';

/** A stop of the tour: the page that it is about, and below it the text of the tour. */
export function tourLines(
  page: Line[],
  state: ConsoleState,
  { step }: Extract<Dialog, { kind: 'tour' }>,
  theme: Theme,
): Line[] {
  const stop = tourStops[step];
  const height = tourHeight(state);
  const room = Math.max(0, bodyHeight(state) - height);
  const above = page.slice(0, room);
  const title = ` ${step + 1} of ${tourStops.length}  ${stop?.title ?? ''} `;
  return [
    ...above,
    ...Array.from({ length: room - above.length }, (): Line => []),
    [
      { text: theme.glyphs.rule.repeat(2), tone: 'accent' },
      { text: title, tone: 'accent', bold: true },
      { text: theme.glyphs.rule.repeat(Math.max(0, state.columns - title.length - 2)), tone: 'accent' },
    ],
    ...wrapText(stop?.without?.(state) ?? stop?.text ?? '', state.columns - 4)
      .slice(0, height - 1)
      .map((text) => line(`  ${text}`)),
  ];
}
