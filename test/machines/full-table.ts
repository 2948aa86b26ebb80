import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Suite, suites } from './base.ts';
import { withPart } from './document.ts';
import type { Moment } from './moments.ts';
import { workerFaults } from './worker-faults.ts';

/** Of each task on a suite: its steps, and those of them in which each fault was tried and found to be well. */
type Table = Record<string, Record<string, { steps: string[]; well: Record<string, string[]>; date: string }>>;

const file = join(import.meta.dirname, 'full-table.json');
const known = (): Table => JSON.parse(readFileSync(file, 'utf8')) as Table;

/** Takes the steps that tasks have now. What was found in a step that is no more is forgotten. */
export function keepSteps(suite: Suite, moments: Moment[]): void {
  const table = known();
  const rows = table[suite] ?? {};
  for (const task of new Set(moments.map((moment) => moment.task))) {
    const steps = moments.filter((moment) => moment.task === task).map(({ step }) => step);
    const well = Object.entries(rows[task]?.well ?? {}).map(([fault, found]) => [
      fault,
      found.filter((step) => steps.includes(step)),
    ]);
    rows[task] = { steps, well: Object.fromEntries(well), date: rows[task]?.date ?? '' };
  }
  keep({ ...table, [suite]: rows });
}

/** Notes what has come of a fault in a step. */
export function keepMoment(suite: Suite, { task, step }: Moment, fault: string, isWell: boolean): void {
  const table = known();
  const row = table[suite]?.[task];
  if (!row) return;
  const others = (row.well[fault] ?? []).filter((one) => one !== step);
  row.well[fault] = row.steps.filter((one) => others.includes(one) || (isWell && one === step));
  row.date = new Date().toISOString().slice(0, 10);
  keep(table);
}

/** True for what was tried before and found to be well. */
export const wasWell = (suite: Suite, { task, step }: Moment, fault: string): boolean =>
  known()[suite]?.[task]?.well[fault]?.includes(step) === true;

const keep = (table: Table): void => writeFileSync(file, `${JSON.stringify(table, undefined, 1)}\n`);

/** A document with the table of all moments made anew. */
export function withFullTable(document: string): string {
  const faults = Object.keys(workerFaults);
  const head = [`| | ${faults.join(' | ')} | until |`, `|---|${faults.map(() => '---|').join('')}---|`];
  const rows = Object.entries(known()).flatMap(([suite, tasks]) =>
    Object.entries(tasks).map(([task, { steps, well, date }]) => {
      const cells = faults.map((fault) => `${well[fault]?.length ?? 0}/${steps.length}`);
      return `| ${suites[suite as Suite]}, ${task} | ${[...cells, date].join(' | ')} |`;
    }),
  );
  return withPart(document, 'all moments', [...head, ...rows].join('\n'));
}
