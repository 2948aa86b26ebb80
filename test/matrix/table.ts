import type { Result } from './matrix.ts';

/** A table of task × fault: how many ended old and new, and what did not. */
export function tableOf(results: Result[]): string {
  const faults = [...new Set(results.map(({ fault }) => fault))];
  const tasks = [...new Set(results.map(({ code, task }) => `${code} ${task}`))];
  const cell = (task: string, fault: string): string => {
    const here = results.filter((result) => `${result.code} ${result.task}` === task && result.fault === fault);
    const count = (verdict: Result['verdict']): number => here.filter((result) => result.verdict === verdict).length;
    if (here.length === 0) return '';
    const bad = [['BROKEN', count('BROKEN')] as const, ['left over', count('left over')] as const].filter(
      ([, n]) => n > 0,
    );
    return [`${count('old')}/${count('new')}`, ...bad.map(([name, n]) => `${n} ${name}`)].join(' ');
  };
  const rows = [['old/new', ...faults], ...tasks.map((task) => [task, ...faults.map((fault) => cell(task, fault))])];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
