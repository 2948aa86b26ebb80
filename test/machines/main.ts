// `npm run machines [-- trixie | bookworm] [SCENARIO ...] [--all | --rest] [--seed N] [--list]`
import { parseArgs } from 'node:util';
import { type Suite, suites } from './base.ts';
import { whyNoMachines } from './can-run.ts';
import type { Result } from './results.ts';
import { Suites, sweep } from './run.ts';
import { scenarios } from './scenarios/index.ts';
import { tableOf } from './table.ts';

/** What cannot be tried here is neither good nor bad: EX_UNAVAILABLE of sysexits.h. */
const UNAVAILABLE = 69;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    rest: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    list: { type: 'boolean', default: false },
  },
});
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const refuse = (text: string, code: number): never => {
  process.stderr.write(`aegir: ${text}\n`);
  process.exit(code);
};
const isSuite = (word: string): word is Suite => Object.hasOwn(suites, word);

if (values.list) {
  for (const { name, title } of scenarios) say(`${name.padEnd(12)} ${title}`);
  process.exit(0);
}
const names = positionals.filter((word) => !isSuite(word));
const unknown = names.find((name) => !scenarios.some((one) => one.name === name));
if (unknown) refuse(`USAGE there is no suite or scenario ${unknown}. npm run machines -- --list shows them.`, 2);
if (!/^\d+$/.test(values.seed)) refuse(`USAGE --seed ${values.seed} is no number.`, 2);
const why = whyNoMachines();
if (why) refuse(`NO_MACHINES machines cannot be started here: ${why}. Nothing was tried.`, UNAVAILABLE);

sweep();
const chosen = positionals.filter(isSuite);
const run = new Suites(
  {
    suites: chosen.length > 0 ? chosen : (Object.keys(suites) as Suite[]).reverse(),
    scenarios: scenarios.filter(({ name }) => names.length === 0 || names.includes(name)),
    seed: Number(values.seed),
    all: values.all || values.rest,
    rest: values.rest,
  },
  say,
);
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.once(signal, () => void run.stop().finally(() => process.exit(code)));
say(`seed ${values.seed}`);
const results: Result[] = await run.run();
say(`\n${tableOf(results)}`);
process.exit(results.every(({ ok }) => ok) ? 0 : 1);
