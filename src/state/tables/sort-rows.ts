/** Sorts row numbers by the values of their rows. The sort is stable, also when descending. */
export function sortRows(values: readonly (string | number)[], descending: boolean): number[] {
  const rows = ascending(values);
  return descending ? turned(rows, values) : rows;
}

/** A few rows whose items have changed. */
interface Moved {
  changed: readonly number[];
  /** Those of them that match the filter now. */
  fitting: readonly number[];
  descending: boolean;
  /** The value that a row is sorted by: before the change, and now. */
  was(row: number): string | number;
  is(row: number): string | number;
}

/** Sorted rows after a few items have changed: the same array where no row is added, removed or moved. */
export function moveRows(rows: readonly number[], moved: Moved): readonly number[] {
  const { fitting, descending, was, is } = moved;
  const changed = new Set(moved.changed);
  const shown = new Set(rows.filter((row) => changed.has(row)));
  if (shown.size === fitting.length && fitting.every((row) => shown.has(row) && was(row) === is(row))) return rows;
  const out = rows.filter((row) => !changed.has(row));
  const turn = descending ? -1 : 1;
  for (const row of fitting) {
    let [from, to] = [0, out.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = out[middle] ?? 0;
      if ((turn * compare(is(other), is(row)) || other - row) < 0) from = middle + 1;
      else to = middle;
    }
    out.splice(from, 0, row);
  }
  return out;
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
