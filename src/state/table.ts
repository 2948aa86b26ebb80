import { type Filterable, parseFilter } from './filter.ts';

/** What a cell's colour means. A glyph says the same, for terminals and eyes without colour. */
export type Tone = 'plain' | 'dim' | 'good' | 'warn' | 'bad' | 'busy' | 'accent';

/** Signs that stand before a state; drawn in UTF-8 or ASCII. */
export type GlyphName = 'on' | 'off' | 'busy' | 'waiting' | 'done' | 'failed' | 'warning' | 'undone' | 'running';

/** One cell of a row. */
export interface Cell {
  text: string;
  tone?: Tone;
  glyph?: GlyphName;
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
  id(row: number): string;
  cells(row: number, around: CellContext): Cell[];
  /** Row numbers that the filter shows, sorted. */
  order(filter: string, sort: Sort | undefined): number[];
}

export interface Sort {
  column: number;
  descending: boolean;
}

/** Makes a table of items. */
export function makeTable<T>(spec: TableSpec<T>, items: readonly T[]): Table {
  const at = (row: number): T => items[row] as T;
  return {
    columns: spec.columns,
    empty: spec.empty,
    length: items.length,
    sortable: spec.sort.length,
    id: (row) => spec.id(at(row)),
    cells: (row, around) => spec.cells(at(row), around),
    order: (filter, sort) => sortRows(spec, items, filterRows(spec, items, filter), sort),
  };
}

function filterRows<T>(spec: TableSpec<T>, items: readonly T[], typed: string): number[] {
  const filter = parseFilter(typed);
  const rows: number[] = [];
  let item: T | undefined;
  const row: Filterable = {
    text: '',
    field: (key) => (item === undefined ? undefined : spec.fields[key]?.(item)),
  };
  for (let number = 0; number < items.length; number += 1) {
    if (filter) {
      item = items[number] as T;
      row.text = spec.text(item).toLowerCase();
      if (!filter(row)) continue;
    }
    rows.push(number);
  }
  return rows;
}

function sortRows<T>(spec: TableSpec<T>, items: readonly T[], rows: number[], sort: Sort | undefined): number[] {
  const value = sort && spec.sort[sort.column];
  if (!value) return rows;
  const keys = new Map(rows.map((row) => [row, value(items[row] as T)]));
  const direction = sort.descending ? -1 : 1;
  return rows.sort((a, b) => direction * compare(keys.get(a), keys.get(b)) || a - b);
}

function compare(a: string | number | undefined, b: string | number | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
