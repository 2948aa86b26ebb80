import type { ConsoleState, Dialog } from '../../state/model/state.ts';
import { bodyHeight } from '../../state/pages/layout.ts';
import { padText } from '../../state/text/fit.ts';
import type { Theme } from '../theme.ts';
import { editSpans } from '../widgets/edit.ts';
import { type Line, line } from '../widgets/lines.ts';

/** The palette: what was typed, and the entries that match it, best first. */
export function paletteLines(
  state: ConsoleState,
  { edit, found, selected, entries }: Extract<Dialog, { kind: 'palette' }>,
  theme: Theme,
): Line[] {
  const room = bodyHeight(state) - 2;
  const top = Math.max(0, Math.min(selected - Math.floor(room / 2), found.length - room));
  const width = Math.min(60, state.columns - 24);
  const rows = found.slice(top, top + room).map(({ text, about, kind }, place): Line => {
    const here = top + place === selected;
    return [
      { text: here ? `${theme.glyphs.cursor} ` : '  ', tone: 'accent' },
      { text: padText(text, width), bold: here, inverse: here },
      { text: `  ${about}`, tone: kind === 'command' ? 'accent' : 'dim' },
    ];
  });
  return [
    [
      { text: ' Find ', tone: 'accent' },
      ...editSpans(edit, state.columns - 30),
      {
        text:
          edit.text === ''
            ? `   ${entries[0]?.kind === 'compare' ? 'other platforms of its CMS' : 'commands and objects'}: ${entries.length}`
            : '',
        tone: 'dim',
      },
    ],
    [],
    ...(found.length === 0 ? [line(' Nothing is called that, nor nearly so.', 'dim')] : rows),
  ];
}
