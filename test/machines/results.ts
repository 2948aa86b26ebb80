import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suites } from './base.ts';
import { withPart } from './document.ts';
import { scenarios } from './scenarios/index.ts';

/** What a scenario has come to on a suite. */
export interface Result {
  suite: string;
  scenario: string;
  ok: boolean;
  seconds: number;
  /** The day, and what exactly was tried. */
  date: string;
  notes: string[];
}

const file = join(import.meta.dirname, 'results.json');

/** What was found last of each scenario on each suite. */
export const knownResults = (): Result[] => JSON.parse(readFileSync(file, 'utf8')) as Result[];

/** Keeps a result in the place of an earlier one. */
export function keepResult(result: Result): void {
  const isSame = (one: Result): boolean => one.suite === result.suite && one.scenario === result.scenario;
  const others = knownResults().filter((one) => !isSame(one));
  const order = ({ suite, scenario }: Result): string =>
    `${suite} ${String(scenarios.findIndex(({ name }) => name === scenario)).padStart(2, '0')}`;
  const kept = { ...result, notes: result.notes.map((note) => note.slice(0, 300)) };
  const sorted = [...others, kept].sort((one, other) => (order(one) < order(other) ? -1 : 1));
  writeFileSync(file, `${JSON.stringify(sorted, undefined, 2)}\n`);
}

/** A document with the table of what was tried where made anew. */
export function withResults(document: string): string {
  const names = Object.entries(suites).reverse();
  const rows = scenarios.map(({ name, title }) => {
    const cells = names.map(([suite]) =>
      knownResults()
        .filter((one) => one.suite === suite && one.scenario === name)
        .map(cellOf)
        .join('; '),
    );
    return `| ${title} (\`${name}\`) | ${cells.map((cell) => cell || 'not run').join(' | ')} |`;
  });
  const head = [
    `| what | ${names.map(([, title]) => title).join(' | ')} |`,
    `|---|${names.map(() => '---|').join('')}`,
  ];
  return withPart(document, 'what was tried', [...head, ...rows].join('\n'));
}

const cellOf = ({ ok, date, notes }: Result): string => (ok ? `✓ ${[date, ...notes].join(', ')}` : `✗ failed ${date}`);
