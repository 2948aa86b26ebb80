// `npm run crash-matrix [-- --task site.clone --engine spip --fault kill --sample 20 --seed 1 --shard 1/4 --not-in LOG --list]`
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { entries, titleOf } from './entries.ts';
import { faultNames, nameOf, type Result, tryMatrix } from './matrix.ts';
import { tableOf } from './table.ts';
import { codes } from './world.ts';

const { values } = parseArgs({
  options: {
    task: { type: 'string', multiple: true, default: [] },
    engine: { type: 'string', multiple: true, default: [] },
    fault: { type: 'string', multiple: true, default: [] },
    sample: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    shard: { type: 'string', default: '1/1' },
    'not-in': { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
  },
});
const [part = 1, parts = 1] = values.shard.split('/').map(Number);
const choice = {
  tasks: values.task,
  faults: values.fault,
  sample: values.sample === undefined ? undefined : Number(values.sample),
  seed: Number(values.seed),
  shard: [part - 1, parts] satisfies [number, number],
  done: new Set(values['not-in'].flatMap(goodOnes)),
};
const stop = new AbortController();
const say = (text: string): void => void process.stdout.write(`${text}\n`);
if (values.list) {
  say(`tasks: ${entries.map(titleOf).join(', ')}`);
  say(`faults: ${faultNames.join(', ')}`);
  say(`engines: ${codes.map(({ name }) => name).join(', ')}`);
} else {
  process.exitCode = await tryAll();
}

/** What an earlier run, of which this is the output, found to be good. */
function goodOnes(log: string): string[] {
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines.filter((line) => / · .*: (old|new)$/.test(line)).map((line) => line.replace(/: (old|new)$/, ''));
}

async function tryAll(): Promise<number> {
  say(`seed ${choice.seed}`);
  const results: Result[] = [];
  // What has been tried until now is told, and what was started is ended.
  process.on('SIGTERM', () => stop.abort());
  for (const code of codes.filter(({ name }) => values.engine.length === 0 || values.engine.includes(name))) {
    await tryMatrix(code, { ...choice, stop: stop.signal }, (result) => {
      results.push(result);
      say(`${nameOf(result)}: ${result.verdict}`);
      for (const line of result.why.slice(0, 12)) say(`    ${line.slice(0, 400)}`);
    });
  }
  say(`\n${tableOf(results)}`);
  return results.every(({ verdict }) => verdict === 'old' || verdict === 'new') ? 0 : 1;
}
