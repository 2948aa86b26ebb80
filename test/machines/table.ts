import type { Result } from './results.ts';

/** A table of suite × scenario, and below it what has failed. */
export function tableOf(results: Result[]): string {
  const rows = results.map(({ suite, scenario, ok, seconds }) => [
    suite,
    scenario,
    ok ? 'ok' : 'FAILED',
    `${seconds} s`,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  const failed = results.filter(({ ok }) => !ok);
  const why = failed.map(({ suite, scenario, notes }) => `${suite} ${scenario}: ${notes.join(' ')}`);
  return [...lines, '', failed.length > 0 ? `failed:\n${why.join('\n')}` : 'All of it is well.'].join('\n');
}
