// Writes lines into a log as fast as it goes, the last of them END: `task FOLDER ID COUNT END` as a task does,
// `file PATH COUNT END` as a service does.
import { closeSync, openSync, writeSync } from 'node:fs';
import { openTaskLog } from '../src/worker/task-log.ts';

const [kind, ...rest] = process.argv.slice(2);
const line = (number: number): string =>
  `GET /index.php?page=${number} HTTP/1.1 took ${number % 977} ms and gave ${number % 65_537} bytes of an answer`;

if (kind === 'task') {
  const [folder = '', id, count, end = ''] = rest;
  const log = openTaskLog(folder, Number(id));
  const at = new Date().toISOString();
  const write = (text: string): void => log.write({ at, level: 'info', step: 'bench', stream: 'stdout', text });
  for (let number = 0; number < Number(count); number += 1) write(line(number));
  write(end);
  log.close();
} else {
  const [path = '', count, end = ''] = rest;
  const file = openSync(path, 'a');
  const together = 500;
  for (let number = 0; number < Number(count); number += together) {
    writeSync(file, Array.from({ length: together }, (_, at) => `${line(number + at)}\n`).join(''));
  }
  writeSync(file, `${end}\n`);
  closeSync(file);
}
