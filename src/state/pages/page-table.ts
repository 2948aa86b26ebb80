import type { ConsoleState, Page } from '../model/state.ts';
import { taskCell } from '../tables/cells.ts';
import { makeRows } from '../tables/rows.ts';
import { type CellContext, makeTable, type Table, type TableSpec } from '../tables/table.ts';

/**
 * Gives a page the table of some items. It is made once for as long as `items` gives the same array: filtering thousands
 * of rows is done once a change.
 */
export function tableFrom<T>(
  spec: TableSpec<T>,
  items: (state: ConsoleState, page: Page) => readonly T[],
): (state: ConsoleState, page: Page) => Table {
  const tables = new WeakMap<readonly T[], Table>();
  return (state, page) => {
    const now = items(state, page);
    const known = tables.get(now) ?? makeTable(spec, makeRows(spec, now));
    tables.set(now, known);
    return known;
  };
}

/** Makes a list once for as long as `from`, the first of what it is made of, is the same. */
export function madeOnce<From extends object, Rest extends unknown[], T>(
  make: (from: From, ...rest: Rest) => readonly T[],
): (from: From, ...rest: Rest) => readonly T[] {
  const made = new WeakMap<From, readonly T[]>();
  return (from, ...rest) => {
    const known = made.get(from) ?? make(from, ...rest);
    made.set(from, known);
    return known;
  };
}

/** The rows that a page shows, filtered and sorted, as row numbers of its table. */
export const rowsOf = ({ list }: Page, table: Table): readonly number[] => table.order(list.filter, list.sort);

/** What cells may depend on beside their item. */
export const cellContext = ({ now, data, services }: ConsoleState): CellContext => ({
  now,
  services,
  lastTask(name) {
    const task = data.lastTasks.get(name);
    return task ? taskCell(task) : { text: '–', tone: 'dim' };
  },
});
