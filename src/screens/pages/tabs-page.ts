import { type ConsoleState, currentPage } from '../../state/model/state.ts';
import { currentDefinition, currentFacts } from '../../state/pages/definition.ts';
import { FACT_ROWS } from '../../state/pages/layout.ts';
import type { Theme } from '../theme.ts';
import { type Line, line, type Span } from '../widgets/lines.ts';
import { tableLines } from '../widgets/table.ts';

/** A page with tabs: facts, tabs, and the list of the tab on the screen. */
export function tabsPageLines(state: ConsoleState, theme: Theme): Line[] {
  const facts = currentFacts(state);
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
  while (head.length < FACT_ROWS) head.push([]);
  return [...head, tabLine(state), ...tableLines(state, theme)];
}

function tabLine(state: ConsoleState): Line {
  const { tab } = currentPage(state);
  const { tabs = [] } = currentDefinition(state);
  return [
    { text: ' ' },
    ...tabs.flatMap(({ title }, place): Span[] => [
      place === tab ? { text: ` ${title} `, inverse: true, bold: true } : { text: ` ${title} `, tone: 'dim' },
      { text: ' ' },
    ]),
  ];
}
