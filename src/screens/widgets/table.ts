import type { Cell } from '../../state/model/parts.ts';
import { type ConsoleState, currentPage } from '../../state/model/state.ts';
import { shownList } from '../../state/pages/list.ts';
import { cellContext } from '../../state/pages/page-table.ts';
import type { Column } from '../../state/tables/table.ts';
import { cutStart, cutText, safeText, widthOf } from '../../state/text/fit.ts';
import { wrapText } from '../../state/text/format.ts';
import type { Theme } from '../theme.ts';
import { type Line, line, type Span } from './lines.ts';

const GUTTER = 3;
const GAP = 2;

/** The list of the current page: column titles and the rows that are on the screen, no others. */
export function tableLines(state: ConsoleState, theme: Theme): Line[] {
  const list = shownList(state);
  if (!list) return [];
  const { sort, top, marks, filter } = currentPage(state).list;
  const widths = columnWidths(list.table.columns, state.columns - GUTTER - GAP);
  const title: Line = [
    { text: ' '.repeat(GUTTER) },
    ...list.table.columns.flatMap((column, place) =>
      cellSpans({ text: column.title + sortSign(sort, place) }, column, widths[place] ?? 0, theme, { tone: 'dim' }),
    ),
  ];
  if (list.rows.length === 0) {
    const text = list.table.length === 0 ? list.table.empty : `Nothing matches "${filter}". esc clears the filter.`;
    return [title, [], ...wrapText(text, state.columns - 6).map((part) => line(`   ${part}`))];
  }
  const around = cellContext(state);
  const rows = list.rows.slice(top, top + list.height).map((row, place) => {
    const selected = top + place === list.cursor;
    const marked = marks.has(list.table.id(row));
    const gutter = `${selected ? theme.glyphs.cursor : ' '}${marked ? theme.glyphs.mark : ' '} `;
    const cells = list.table.cells(row, around).flatMap((cell, at) => {
      const column = list.table.columns[at];
      // Only the name is reversed: a move of the cursor then costs a slow line little.
      const look = selected && at === 0 ? { inverse: true, bold: true } : selected ? { bold: true } : {};
      return column ? cellSpans(cell, column, widths[at] ?? 0, theme, look) : [];
    });
    return [{ text: gutter, tone: 'accent' as const }, ...cells];
  });
  return [title, ...rows];
}

function cellSpans(cell: Cell, column: Column, width: number, theme: Theme, look: Partial<Span>): Span[] {
  if (width === 0) return [];
  const glyph = cell.glyph ? `${theme.glyphs[cell.glyph]} ` : '';
  // Made safe first: control characters are shown as visible ones, which take cells.
  const cut = cell.path ? cutStart : cutText;
  const text = cut(safeText(glyph + cell.text), width, theme.glyphs.ellipsis);
  const fill: Span = { text: ' '.repeat(Math.max(0, width - widthOf(text))) };
  const shown: Span = { text, tone: cell.tone, ...look };
  return [...(column.align === 'right' ? [fill, shown] : [shown, fill]), { text: ' '.repeat(GAP) }];
}

const sortSign = (sort: { column: number; descending: boolean } | undefined, place: number): string =>
  sort?.column === place ? (sort.descending ? ' ↓' : ' ↑') : '';

/** Widths of columns for a screen; 0 for those left out. The spare width goes to those that grow. */
export function columnWidths(columns: readonly Column[], width: number): number[] {
  const kept = new Set(columns);
  const needed = (): number => [...kept].reduce((sum, column) => sum + column.width + GAP, -GAP);
  const droppable = columns.filter((column) => column.drop !== undefined).sort((a, b) => (a.drop ?? 0) - (b.drop ?? 0));
  for (const column of droppable) if (needed() > width) kept.delete(column);
  const spare = Math.max(0, width - needed());
  const shares = [...kept].reduce((sum, column) => sum + (column.grow ?? 0), 0);
  return columns.map((column) => {
    if (!kept.has(column)) return 0;
    return column.width + (shares > 0 ? Math.floor((spare * (column.grow ?? 0)) / shares) : 0);
  });
}
