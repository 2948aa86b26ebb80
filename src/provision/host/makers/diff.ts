import { diffArrays } from 'diff';

/** Above this many changed lines no shortest diff is computed: everything is shown as replaced. */
const MOST_CHANGES = 1000;

/** The lines that differ between two texts, in order: removed ones with `-` before them, added ones with `+`. */
export function lineDiff(before: string, after: string): string[] {
  const [old, young] = [linesOf(before), linesOf(after)];
  const parts = diffArrays(old, young, { maxEditLength: MOST_CHANGES });
  if (!parts) return [...old.map(gone), ...young.map(come)];
  return parts.flatMap(({ removed, added, value }) => (removed ? value.map(gone) : added ? value.map(come) : []));
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
