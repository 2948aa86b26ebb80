import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { median, ms, printFigure, printHeadings } from './figures.ts';
import { makeHeavySite, runProgram, timeShell } from './heavy-site.ts';

/** 0.8 GB of database and 1 GB of files, as in the goal. */
const SIZE = { files: 2000, fileBytes: 1e9, tableBytes: 0.8e9 };
const ROUNDS = 1;

if (process.getuid?.() !== 0) {
  process.stdout.write('backup: skipped, it needs root (to create Unix users).\n');
  process.exit(0);
}
const site = await makeHeavySite(SIZE);
const into = join(site.stack.root, 'peer');
const ours: number[] = [];
const old: number[] = [];
const fast: number[] = [];
const memory: number[] = [];
const hasMydumper = spawnSync('mydumper', ['--version']).status === 0;
try {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { tookMs, peakMb } = await runProgram(site.stack.root, ['site', 'backup', site.uri, '--wait']);
    ours.push(tookMs);
    memory.push(peakMb);
    old.push(
      timeShell(`mkdir ${into} && mysqldump --socket ${site.socket} --single-transaction ${site.database} | gzip > ${into}/db.gz &&
        tar czf ${into}/files.tgz -C ${site.files} .`),
    );
    rmSync(into, { recursive: true });
    if (!hasMydumper) continue;
    fast.push(
      timeShell(`mkdir ${into} && mydumper --socket ${site.socket} --database ${site.database} --outputdir ${into}/db --compress &&
        tar c -C ${site.files} . | zstd -q -T0 > ${into}/files.tar.zst`),
    );
    rmSync(into, { recursive: true });
  }
  const mine = median(ours);
  printHeadings();
  printFigure(
    'backup, 0.8 GB database, 1 GB files',
    ms(mine),
    `${ms(median(old))} (mysqldump|gzip, tar czf)`,
    (median(old) / mine).toFixed(1),
    '≥ 5 times faster',
  );
  if (hasMydumper)
    printFigure(
      'the same',
      ms(mine),
      `${ms(median(fast))} (mydumper, tar|zstd)`,
      (mine / median(fast)).toFixed(2),
      '≤ 1.3',
    );
  else process.stdout.write('mydumper is not installed: apt-get install mydumper\n');
  printFigure('maximum memory, verification included', `${Math.max(...memory)} MB`, '', '', '≤ 150 MB');
} finally {
  await site.stop();
}
