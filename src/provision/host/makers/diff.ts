/** Above this many pairs of lines the shortest diff is not looked for: the whole middle is shown as replaced. */
const MAX_PAIRS = 4_000_000;

/**
 * Lines that differ between two texts, in order: those that go with `-` before them, those that come with `+`.
 * Found by the longest common subsequence of what lies between the equal beginning and the equal end.
 */
export function lineDiff(before: string, after: string): string[] {
  const [old, young] = trimEqual(linesOf(before), linesOf(after));
  if (old.length * young.length > MAX_PAIRS) return [...old.map(gone), ...young.map(come)];
  const common = commonLengths(old, young);
  const lines: string[] = [];
  for (let row = 0, column = 0; row < old.length || column < young.length; ) {
    const [left, right] = [old[row], young[column]];
    if (left !== undefined && left === right) {
      row += 1;
      column += 1;
    } else if (left !== undefined && (right === undefined || common(row + 1, column) >= common(row, column + 1))) {
      lines.push(gone(left));
      row += 1;
    } else {
      lines.push(come(right ?? ''));
      column += 1;
    }
  }
  return lines;
}

const gone = (line: string): string => `-${line}`;
const come = (line: string): string => `+${line}`;

/** A last line without an end is marked as diff(1) does, so that two texts that differ never show no difference. */
function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop();
  return last === '' || last === undefined ? lines : [...lines, `${last} (no newline at the end)`];
}

function trimEqual(old: string[], young: string[]): [string[], string[]] {
  let start = 0;
  while (start < old.length && start < young.length && old[start] === young[start]) start += 1;
  let end = 0;
  const most = Math.min(old.length, young.length) - start;
  while (end < most && old[old.length - 1 - end] === young[young.length - 1 - end]) end += 1;
  return [old.slice(start, old.length - end), young.slice(start, young.length - end)];
}

/** How many lines the rest of both texts have in common, from a row and a column on. */
function commonLengths(old: string[], young: string[]): (row: number, column: number) => number {
  const width = young.length + 1;
  const table = new Uint32Array((old.length + 1) * width);
  const at = (row: number, column: number): number => table[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = young.length - 1; column >= 0; column -= 1) {
      const same = old[row] === young[column];
      const longest = same ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
      table[row * width + column] = longest;
    }
  }
  return at;
}
