import type { Cell, Sort } from '../model/parts.ts';
import type { ServiceHealth } from '../model/state.ts';

/** A column: `width` in cells, or the share that it takes of what is left (`grow`), never less than `width`. */
export interface Column {
  title: string;
  width: number;
  grow?: number;
  align?: 'right';
  /** Left out first where the screen is narrow; the lowest number goes first. */
  drop?: number;
}

/** What a list shows of one kind of item. */
export interface TableSpec<T> {
  columns: readonly Column[];
  id(item: T): string;
  text(item: T): string;
  fields: Record<string, (item: T) => string>;
  /** The value to sort by, for each column. */
  sort: readonly ((item: T) => string | number)[];
  cells(item: T, around: CellContext): Cell[];
  /** Shown where the list is empty: what is missing, and the next step. */
  empty: string;
}

/** What cells may depend on beside their item. */
export interface CellContext {
  now: number;
  /** The states of the services of this machine. */
  services: readonly ServiceHealth[];
  /** The newest task of an object on the screen. */
  lastTask(name: string): Cell;
}

/** A table of items; cells are made only for the rows on the screen. */
export interface Table {
  columns: readonly Column[];
  empty: string;
  length: number;
  /** How many of the columns can be sorted by, from the left. */
  sortable: number;
  /** What `key:value` may name. */
  fields: readonly string[];
  id(row: number): string;
  cells(row: number, around: CellContext): Cell[];
  /** Computes the texts that a filter searches, before its first letter is typed. */
  ready(): void;
  /** Numbers of the rows that match the filter, sorted. */
  order(filter: string, sort: Sort | undefined): readonly number[];
}

/** Makes a table of items, in the order that their rows keep. */
export const makeTable = <T>(spec: TableSpec<T>, rows: Rows<T>): Table => ({
  columns: spec.columns,
  empty: spec.empty,
  length: rows.items.length,
  sortable: spec.sort.length,
  fields: Object.keys(spec.fields),
  id: (row) => spec.id(rows.items[row] as T),
  cells: (row, around) => spec.cells(rows.items[row] as T, around),
  ready: rows.ready,
  order: rows.order,
});

/** The rows of a list, with the cached results of filtering and sorting. */
export interface Rows<T> {
  items: readonly T[];
  /** Computes the texts that a filter searches, before its first letter is typed. */
  ready(): void;
  /** Numbers of the rows that match the filter, sorted. */
  order(filter: string, sort: Sort | undefined): readonly number[];
  /**
   * The rows after some items have changed; these rows must not be used after that. Where none was added or removed, `was`
   * has the old items of the changed rows, and only those are filtered and sorted again.
   */
  after(spec: TableSpec<T>, items: readonly T[], was?: ReadonlyMap<number, T>): Rows<T>;
}

/** A named value of an object, as a row. */
export interface Fact {
  name: string;
  value: string;
}
