import { type ConsoleState, currentPage } from '../../state/model/state.ts';
import { OBJECT_HEAD } from '../../state/pages/layout.ts';
import { objectFacts } from '../../state/pages/object-facts.ts';
import { tabsOf } from '../../state/pages/page-table.ts';
import type { Theme } from '../theme.ts';
import { type Line, line, type Span } from '../widgets/lines.ts';
import { tableLines } from '../widgets/table.ts';

/** The page of a site, platform or server: facts, tabs, and the list of the tab. */
export function objectPageLines(state: ConsoleState, theme: Theme): Line[] {
  const facts = objectFacts(state);
  const head: Line[] =
    typeof facts === 'string'
      ? [line(` ${facts}`, 'warn')]
      : facts.map((row) => [
          { text: ' ' },
          ...row.flatMap(({ name, cell }): Span[] => {
            const glyph = cell.glyph ? `${theme.glyphs[cell.glyph]} ` : '';
            return [
              { text: `${name} `, tone: 'dim' },
              { text: `${glyph}${cell.text}`, tone: cell.tone, link: cell.link },
              { text: '   ' },
            ];
          }),
        ]);
  while (head.length < OBJECT_HEAD) head.push([]);
  return [...head, tabLine(state), ...tableLines(state, theme)];
}

function tabLine(state: ConsoleState): Line {
  const { kind, tab } = currentPage(state);
  const tabs = tabsOf[kind] ?? [];
  return [
    { text: ' ' },
    ...tabs.flatMap((title, place): Span[] => [
      place === tab ? { text: ` ${title} `, inverse: true, bold: true } : { text: ` ${title} `, tone: 'dim' },
      { text: ' ' },
    ]),
  ];
}
