// `npm run crash-matrix [-- --task site.clone --engine spip --fault kill --sample 20 --seed 1 --shard 1/4 --list]`
import { parseArgs } from 'node:util';
import { entries, titleOf } from './entries.ts';
import { faultNames, type Result, tryMatrix } from './matrix.ts';
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
};
const say = (text: string): void => void process.stdout.write(`${text}\n`);
if (values.list) {
  say(`tasks: ${entries.map(titleOf).join(', ')}`);
  say(`faults: ${faultNames.join(', ')}`);
  say(`engines: ${codes.map(({ name }) => name).join(', ')}`);
} else {
  process.exitCode = await tryAll();
}

async function tryAll(): Promise<number> {
  say(`seed ${choice.seed}`);
  const results: Result[] = [];
  for (const code of codes.filter(({ name }) => values.engine.length === 0 || values.engine.includes(name))) {
    await tryMatrix(code, choice, (result) => {
      results.push(result);
      say(`${result.code} ${result.task} · ${result.fault} ${result.moment}: ${result.verdict}`);
      for (const line of result.why.slice(0, 12)) say(`    ${line.slice(0, 400)}`);
    });
  }
  say(`\n${tableOf(results)}`);
  return results.every(({ verdict }) => verdict === 'old' || verdict === 'new') ? 0 : 1;
}
