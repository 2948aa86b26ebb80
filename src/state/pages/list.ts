import { type ConsoleState, currentPage, type ListState, type Page } from '../model/state.ts';
import type { Table } from '../tables/table.ts';
import { currentList } from './definition.ts';
import { listHeight } from './layout.ts';
import { rowsOf } from './page-table.ts';

/** The list on the screen: its table, the rows shown, where the cursor is among them (-1 when there are none). */
export interface ShownList {
  table: Table;
  rows: readonly number[];
  cursor: number;
  height: number;
}

/** The list that the current page shows; undefined on pages without one. */
export function shownList(state: ConsoleState): ShownList | undefined {
  const page = currentPage(state);
  const table = currentList(state)?.table(state, page);
  if (!table) return undefined;
  const rows = rowsOf(page, table);
  return { table, rows, cursor: cursorPlace(page.list, table, rows), height: listHeight(state) };
}

/** Id of the row under the cursor. */
export function idUnderCursor(list: ShownList | undefined): string | undefined {
  const row = list?.rows[list.cursor];
  return row === undefined ? undefined : list?.table.id(row);
}

/** Moves the cursor to a place among the shown rows, or to the nearest there is. */
export function placeCursor(state: ConsoleState, place: number): ConsoleState {
  const list = shownList(state);
  if (!list || list.rows.length === 0) return state;
  const index = Math.max(0, Math.min(place, list.rows.length - 1));
  return changeList(state, (old) => ({ ...old, cursor: list.table.id(list.rows[index] ?? 0), index }));
}

/** Keeps cursor and first row within the shown rows; called after every change. */
export function settleList(state: ConsoleState): ConsoleState {
  const list = shownList(state);
  if (!list) return state;
  const { top: before, cursor, index } = currentPage(state).list;
  const last = Math.max(0, list.rows.length - list.height);
  let top = Math.min(before, last);
  if (list.cursor >= 0 && list.cursor < top) top = list.cursor;
  if (list.cursor >= top + list.height) top = list.cursor - list.height + 1;
  const id = idUnderCursor(list) ?? cursor;
  const place = Math.max(0, list.cursor);
  if (top === before && id === cursor && place === index) return state;
  return changeList(state, (old) => ({ ...old, top, cursor: id, index: place }));
}

/** Changes the list state of the current page. */
export const changeList = (state: ConsoleState, change: (list: ListState) => ListState): ConsoleState =>
  changePage(state, (page) => ({ ...page, list: change(page.list) }));

/** Changes the current page. */
export const changePage = (state: ConsoleState, change: (page: Page) => Page): ConsoleState => ({
  ...state,
  pages: [...state.pages.slice(0, -1), change(currentPage(state))],
});

/** Marks or unmarks rows by id. */
export const toggleMarks = (list: ListState, ids: readonly string[]): ListState => {
  const marks = new Set(list.marks);
  const all = ids.every((id) => marks.has(id));
  for (const id of ids) {
    if (all) marks.delete(id);
    else marks.add(id);
  }
  return { ...list, marks };
};

function cursorPlace({ cursor, index }: ListState, table: Table, rows: readonly number[]): number {
  const here = rows[index];
  if (here !== undefined && table.id(here) === cursor) return index;
  const moved = cursor === '' ? -1 : rows.findIndex((row) => table.id(row) === cursor);
  return moved >= 0 ? moved : Math.min(index, rows.length - 1);
}
