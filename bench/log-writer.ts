// Writes lines to a log, the last one END: `task COUNT RATE END FOLDER ID` like a task, `file COUNT RATE END PATH` like
// a service. RATE is lines per second; 0 is full speed.
import { closeSync, openSync, writeSync } from 'node:fs';
import { openTaskLog } from '../src/worker/task-log.ts';

const TOGETHER = 500;
const [kind, count, rate, end = '', ...place] = process.argv.slice(2);
const line = (number: number): string =>
  `GET /index.php?page=${number} HTTP/1.1 took ${number % 977} ms and gave ${number % 65_537} bytes of an answer`;

if (kind === 'task') {
  const [folder = '', id] = place;
  const log = openTaskLog(folder, Number(id));
  const at = new Date().toISOString();
  const write = (text: string): void => log.write({ at, level: 'info', step: 'bench', stream: 'stdout', text });
  writeAll((lines) => lines.forEach(write));
  log.close();
} else {
  const file = openSync(place[0] ?? '', 'a');
  writeAll((lines) => void writeSync(file, lines.map((text) => `${text}\n`).join('')));
  closeSync(file);
}

function writeAll(write: (lines: string[]) => void): void {
  const began = performance.now();
  for (let number = 0; number < Number(count); number += TOGETHER) {
    write(Array.from({ length: TOGETHER }, (_, at) => line(number + at)));
    const due = Number(rate) > 0 ? (number / Number(rate)) * 1000 : 0;
    sleep(began + due - performance.now());
  }
  write([end]);
}

function sleep(time: number): void {
  if (time > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time);
}
