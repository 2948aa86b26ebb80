import { type Filter, type Filterable, parseFilter } from './filter.ts';
import type { ServiceHealth } from './model.ts';

/** What a cell's colour means. A glyph says the same, for terminals and eyes without colour. */
export type Tone = 'plain' | 'dim' | 'good' | 'warn' | 'bad' | 'busy' | 'accent';

/** Signs that stand before a state; drawn in UTF-8 or ASCII. */
export type GlyphName = 'on' | 'off' | 'busy' | 'waiting' | 'done' | 'failed' | 'warning' | 'undone' | 'running';

/** One cell of a row. */
export interface Cell {
  text: string;
  tone?: Tone;
  glyph?: GlyphName;
  /** An address that the terminal may open. */
  link?: string;
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
  order(filter: string, sort: Sort | undefined): number[];
}

export interface Sort {
  column: number;
  descending: boolean;
}

/** Makes a table of items. What filters and sorting look at is made once: a key may cost 100,000 rows only little. */
export function makeTable<T>(spec: TableSpec<T>, items: readonly T[]): Table {
  const at = (row: number): T => items[row] as T;
  let texts: readonly string[] | undefined;
  let sorted: { sort: Sort; rows: readonly number[] } | undefined;

  function inOrder(sort: Sort | undefined): readonly number[] | undefined {
    if (!sort || !spec.sort[sort.column]) return undefined;
    if (sorted?.sort.column !== sort.column || sorted.sort.descending !== sort.descending) {
      sorted = { sort, rows: sortRows(spec, items, sort) };
    }
    return sorted.rows;
  }

  function textsOf(): readonly string[] {
    texts ??= items.map((item) => spec.text(item).toLowerCase());
    return texts;
  }

  return {
    columns: spec.columns,
    empty: spec.empty,
    length: items.length,
    sortable: spec.sort.length,
    fields: Object.keys(spec.fields),
    id: (row) => spec.id(at(row)),
    cells: (row, around) => spec.cells(at(row), around),
    ready: () => void textsOf(),
    order(typed, sort) {
      const rows = inOrder(sort) ?? items.keys();
      const filter = parseFilter(typed);
      if (!filter) return [...rows];
      return filterRows(spec, items, textsOf(), rows, filter);
    },
  };
}

function filterRows<T>(
  spec: TableSpec<T>,
  items: readonly T[],
  texts: readonly string[],
  rows: Iterable<number>,
  filter: Filter,
): number[] {
  let number = 0;
  const row: Filterable = { text: '', field: (key) => spec.fields[key]?.(items[number] as T) };
  const shown: number[] = [];
  for (number of rows) {
    row.text = texts[number] ?? '';
    if (filter(row)) shown.push(number);
  }
  return shown;
}

function sortRows<T>(spec: TableSpec<T>, items: readonly T[], { column, descending }: Sort): number[] {
  const sortBy = spec.sort[column];
  const values = items.map((item) => sortBy?.(item) ?? '');
  const rows = ascending(values);
  return descending ? turned(rows, values) : rows;
}

/** Gathers equal values first: of many rows few differ in most columns, and only those are compared. */
function ascending(values: readonly (string | number)[]): number[] {
  const before = (row: number): string | number => values[row - 1] ?? '';
  if (values.every((value, row) => row === 0 || compare(before(row), value) <= 0)) return [...values.keys()];
  const groups = new Map<string | number, number[]>();
  for (const [row, value] of values.entries()) {
    const group = groups.get(value);
    if (group) group.push(row);
    else groups.set(value, [row]);
  }
  return [...groups.keys()].sort(compare).flatMap((value) => groups.get(value) ?? []);
}

/** The other way round, equal ones still in their first order. */
function turned(rows: readonly number[], values: readonly (string | number)[]): number[] {
  const out: number[] = [];
  for (let end = rows.length; end > 0; ) {
    let from = end - 1;
    while (from > 0 && values[rows[from - 1] ?? 0] === values[rows[from] ?? 0]) from -= 1;
    for (let place = from; place < end; place += 1) out.push(rows[place] ?? 0);
    end = from;
  }
  return out;
}

function compare(left: string | number, right: string | number): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return left < right ? -1 : left > right ? 1 : 0;
}
