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
  /** What an empty list says: what is missing and the next step. */
  empty: string;
}

/** What cells may use beside their item. */
export interface CellContext {
  now: number;
  /** How the services of this machine are. */
  services: readonly ServiceHealth[];
  /** The newest task of an object on the screen. */
  lastTask(name: string): Cell;
}

/** Items as rows, read only where they are looked at. */
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
  /** Makes what a filter looks at, before the first letter of one is typed. */
  ready(): void;
  /** Row numbers that the filter shows, sorted. */
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

/** The rows of a list: what filters and sorting have made of its items, kept for as long as it holds. */
export interface Rows<T> {
  items: readonly T[];
  /** Makes what a filter looks at, before the first letter of one is typed. */
  ready(): void;
  /** Row numbers that the filter shows, sorted. */
  order(filter: string, sort: Sort | undefined): readonly number[];
  /**
   * The rows of other items, most of which are the same ones; these here are given up. Where none has come or gone,
   * `was` says which items were others before, and only those are looked at.
   */
  after(spec: TableSpec<T>, items: readonly T[], was?: ReadonlyMap<number, T>): Rows<T>;
}

/** A named value of an object. */
export interface Fact {
  name: string;
  value: string;
}
