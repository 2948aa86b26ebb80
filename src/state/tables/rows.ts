import type { Sort } from '../model/parts.ts';
import { type Filter, type Filterable, parseFilter } from './filter.ts';
import { moveRows, sortRows } from './sort-rows.ts';
import type { Rows, TableSpec } from './table.ts';

/** What was computed from the items before: lower-case texts, the last sort order, the rows of the last filter. */
interface Kept {
  texts?: string[] | undefined;
  sorted?: { sort: Sort; rows: readonly number[] } | undefined;
  shown?: { filter: string; sort: Sort | undefined; rows: readonly number[]; at: number } | undefined;
}

/** The result of a filter may depend on the time (`late`): after this long a change filters all rows again. */
const HOLDS_MS = 60_000;

/** Makes the rows of items. Texts and orders are computed once, so that a key is quick with 100,000 rows. */
export function makeRows<T>(spec: TableSpec<T>, items: readonly T[], known: Kept = {}): Rows<T> {
  let { texts, sorted, shown } = known;
  const textOf = (item: T): string => spec.text(item).toLowerCase();

  function inOrder(sort: Sort | undefined): readonly number[] | undefined {
    const by = sort && spec.sort[sort.column];
    if (!by) return undefined;
    if (!sorted || !sameSort(sorted.sort, sort)) sorted = { sort, rows: sortRows(items.map(by), sort.descending) };
    return sorted.rows;
  }

  function textsOf(): readonly string[] {
    texts ??= items.map(textOf);
    return texts;
  }

  function order(typed: string, sort: Sort | undefined): readonly number[] {
    if (shown?.filter === typed && sameSort(shown.sort, sort)) return shown.rows;
    const filter = parseFilter(typed);
    const all = inOrder(sort) ?? items.keys();
    const rows = filter ? filterRows(spec, items, textsOf(), all, filter) : [...all];
    shown = { filter: typed, sort, rows, at: Date.now() };
    return rows;
  }

  function after(next: TableSpec<T>, others: readonly T[], was?: ReadonlyMap<number, T>): Rows<T> {
    if (!was) return makeRows(next, others, { texts: texts && updateTexts(texts, items, others, textOf) });
    const changed = [...was.keys()];
    const there = texts;
    if (there) for (const row of changed) there[row] = textOf(others[row] as T);
    const move = (rows: readonly number[], sort: Sort | undefined, fitting: readonly number[]): readonly number[] => {
      const by = sort && next.sort[sort.column];
      if (!by && fitting === changed) return rows;
      const keyOf = (item: T | undefined): string | number => by?.(item as T) ?? 0;
      const keys = { was: (row: number) => keyOf(was.get(row)), is: (row: number) => keyOf(others[row]) };
      return moveRows(rows, { changed, fitting, descending: sort?.descending ?? false, ...keys });
    };
    return makeRows(next, others, {
      texts: there,
      sorted: sorted && { ...sorted, rows: move(sorted.rows, sorted.sort, changed) },
      shown: stillShown(),
    });

    function stillShown(): Kept['shown'] {
      if (!shown) return undefined;
      const filter = parseFilter(shown.filter);
      // With other filter fields, or after a while, any row may match or not.
      if (filter && (next !== spec || Date.now() - shown.at > HOLDS_MS)) return undefined;
      const fitting = filter ? filterRows(next, others, there ?? [], changed, filter) : changed;
      return { ...shown, rows: move(shown.rows, shown.sort, fitting) };
    }
  }

  return { items, ready: () => void textsOf(), order, after };
}

const sameSort = (one: Sort | undefined, other: Sort | undefined): boolean =>
  one?.column === other?.column && one?.descending === other?.descending;

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

/** The texts of changed items: those of the unchanged items at both ends are reused. */
function updateTexts<T>(
  texts: readonly string[],
  items: readonly T[],
  others: readonly T[],
  textOf: (item: T) => string,
): string[] {
  const most = Math.min(items.length, others.length);
  let first = 0;
  while (first < most && items[first] === others[first]) first += 1;
  let last = 0;
  while (last < most - first && items[items.length - 1 - last] === others[others.length - 1 - last]) last += 1;
  return [
    ...texts.slice(0, first),
    ...others.slice(first, others.length - last).map(textOf),
    ...texts.slice(texts.length - last),
  ];
}
