import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { debianTree } from '../test/support/platforms.ts';
import { median, ms, printFigure, printHeadings } from './figures.ts';
import { makeHeavySite, timeShell } from './heavy-site.ts';

/** 100,000 files with 1 GB, and a database of the usual size for such a site. */
const SIZE = { files: 100_000, fileBytes: 1e9, tableBytes: 50e6 };
const ROUNDS = 3;

if (process.getuid?.() !== 0) {
  process.stdout.write('migrate: skipped, it needs root (to create Unix users).\n');
  process.exit(0);
}
const site = await makeHeavySite(SIZE);
const into = join(site.stack.root, 'peer');
const ours: number[] = [];
const peer: number[] = [];
const beyond: number[] = [];
const parts: string[] = [];
try {
  for (let round = 0; round < ROUNDS; round += 1) {
    const platform = `code${round}`;
    await site.run('platform.add', platform, { from: `path:${await debianTree(site.stack.root, 'wordpress')}` });
    const began = performance.now();
    const result = await site.run('site.migrate', site.uri, { platform, keepDays: 0 });
    ours.push(performance.now() - began);
    const [without, copy, update] = ['withoutServiceMs', 'copyMs', 'updateMs'].map((name) => Number(result[name])) as [
      number,
      number,
      number,
    ];
    beyond.push(without - copy - update);
    parts.push(`${ms(without)} = ${ms(copy)} copy + ${ms(update)} updates + ${ms(without - copy - update)}`);
    const database = execFileSync(
      'mariadb',
      ['--socket', site.socket, '-N', '-e', `SHOW DATABASES LIKE '${site.handle}r%'`],
      { encoding: 'utf8' },
    ).trim();
    // The peer: everything into an archive, and out of it again.
    peer.push(
      timeShell(`mkdir ${into} && mysqldump --socket ${site.socket} ${database} > ${into}/database.sql && tar czf ${into}/site.tgz -C ${site.files} . &&
        mkdir ${into}/new && tar xzf ${into}/site.tgz -C ${into}/new &&
        mariadb --socket ${site.socket} -e 'CREATE DATABASE peer' && mariadb --socket ${site.socket} peer < ${into}/database.sql`),
    );
    timeShell(`rm -rf ${into} && mariadb --socket ${site.socket} -e 'DROP DATABASE peer'`);
  }
  printHeadings();
  printFigure(
    'migrate, 100,000 files, 1 GB',
    ms(median(ours)),
    `${ms(median(peer))} (tar, untar, dump, load)`,
    (median(peer) / median(ours)).toFixed(1),
    '≥ 10 times faster',
  );
  printFigure('downtime beyond copy and updates', ms(median(beyond)), '', '', '≤ 2000 ms');
  for (const part of parts) process.stdout.write(`  downtime ${part}\n`);
} finally {
  await site.stop();
}
