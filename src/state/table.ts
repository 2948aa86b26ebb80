import type { ServiceHealth } from './model.ts';
import type { Rows } from './rows.ts';

/** What a cell's colour means. A glyph says the same, for terminals and eyes without colour. */
export type Tone = 'plain' | 'dim' | 'good' | 'warn' | 'bad' | 'busy' | 'accent';

/** Signs that stand before a state; drawn in UTF-8 or ASCII. */
export type GlyphName =
  | 'on'
  | 'off'
  | 'busy'
  | 'waiting'
  | 'done'
  | 'unneeded'
  | 'failed'
  | 'warning'
  | 'undone'
  | 'running';

/** One cell of a row. */
export interface Cell {
  text: string;
  tone?: Tone;
  glyph?: GlyphName;
  /** An address that the terminal may open. */
  link?: string;
  /** A path: where it is too long its end counts. */
  path?: true;
}

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

export interface Sort {
  column: number;
  descending: boolean;
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
