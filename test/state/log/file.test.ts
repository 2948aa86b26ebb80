import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readsHere } from '../../../src/provision/host/local/reads.ts';
import { openFileSource } from '../../../src/state/log/file.ts';
import { filterLines } from '../../../src/state/log/filter.ts';
import { serviceFormat } from '../../../src/state/log/format.ts';
import { findText } from '../../../src/state/log/search.ts';
import type { LogLines, LogSource } from '../../../src/state/model/log-source.ts';

let folder = '';
let file = '';
let log: LogSource;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-log-'));
  file = join(folder, 'error.log');
  log = openFileSource(readsHere, file);
});
afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true, force: true });
});

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => `line ${from + at}\n`).join('');

/** Takes in all there is. */
function whole(lines: LogLines = log): string[] {
  log.refresh();
  while (lines.work());
  return lines.raw(lines.first(), lines.end());
}

describe('a file that a service writes', () => {
  it('shows its newest lines at once; older ones get places before them', () => {
    writeFileSync(file, numbered(0, 300_000));
    log.refresh();
    log.work();
    expect(log.raw(log.end() - 2, log.end())).toEqual(['line 299998', 'line 299999']);
    expect(log.whole()).toBe(false);
    const { length } = whole();
    expect(length).toBe(300_000);
    expect(log.whole()).toBe(true);
    expect([log.first(), log.end()]).toEqual([-300_000, 0]);
    for (const place of [-300_000, -299_999, -150_001, -77_777, -1]) {
      expect(log.raw(place, place + 1)).toEqual([`line ${300_000 + place}`]);
    }
  });

  it.each([
    ['nothing', ''],
    ['an empty line', '\n'],
    ['two empty lines', '\n\n'],
    ['one line', 'one\n'],
    ['an unfinished line', 'one'],
    ['an unfinished second line', 'one\ntwo'],
  ])('that holds %s is read as it is, then with what is appended', (_what, text) => {
    writeFileSync(file, text);
    expect(whole()).toEqual(text.split('\n').slice(0, text.endsWith('\n') || text === '' ? -1 : undefined));
    appendFileSync(file, 'more\nlast\n');
    expect(whole()).toEqual(`${text}more\nlast`.split('\n'));
    appendFileSync(file, numbered(0, 5000));
    expect(whole().at(-1)).toBe('line 4999');
    expect(log.raw(log.end() - 2500, log.end() - 2499)).toEqual(['line 2500']);
  });

  it('is there when the file comes later, and says meanwhile why nothing is shown', () => {
    expect(log.refresh()).toBe(false);
    expect(log.problem()).toContain('is not there yet');
    writeFileSync(file, 'first\n');
    expect(whole()).toEqual(['first']);
    expect(log.problem()).toBe('');
  });

  it('goes on in the new file when it is rotated; what the old one still got is kept', () => {
    writeFileSync(file, numbered(0, 3));
    whole();
    renameSync(file, `${file}.1`);
    writeFileSync(file, '');
    appendFileSync(`${file}.1`, 'written after the name was taken\n');
    expect(whole()).toHaveLength(4);
    appendFileSync(file, 'new 0\nnew 1\n');
    expect(whole()).toEqual([
      'line 0',
      'line 1',
      'line 2',
      'written after the name was taken',
      'The log was rotated; the new file goes on here.',
      'new 0',
      'new 1',
    ]);
    expect(log.raw(0, 3)).toEqual(['written after the name was taken', expect.stringContaining('rotated'), 'new 0']);
  });

  it('is read on through many rotations, holding only the last files', () => {
    writeFileSync(file, 'in file 0\n');
    for (let number = 1; number < 9; number += 1) {
      whole();
      renameSync(file, `${file}.${number}`);
      writeFileSync(file, `in file ${number}\n`);
    }
    const lines = whole();
    expect(lines.at(-1)).toBe('in file 8');
    expect(lines.filter((line) => line.startsWith('in file'))).toHaveLength(5);
    expect(log.raw(log.first(), log.first() + 1)).toEqual([lines[0]]);
  });

  it('that is emptied in place goes on from its beginning', () => {
    writeFileSync(file, numbered(0, 1000));
    whole();
    truncateSync(file, 0);
    expect(whole()).toEqual(['The log was emptied.']);
    appendFileSync(file, 'again\n');
    expect(whole()).toEqual(['The log was emptied.', 'again']);
  });

  it('may have lines of any length and bytes that are no text', () => {
    const bytes = Buffer.concat([
      Buffer.from('a\n'),
      Buffer.alloc(3_000_000, 'x'),
      Buffer.from([10, 0xff, 0xfe, 0xc3, 10]),
      Buffer.from('z\r\n'),
    ]);
    writeFileSync(file, bytes);
    const lines = whole();
    expect(lines.map((line) => line.slice(0, 4))).toEqual(['a', 'xxxx', '\ufffd\ufffd\ufffd', 'z']);
    expect(lines[1]?.length).toBeLessThan(40_000);
    for (const line of lines) expect(serviceFormat.text(line).length).toBeLessThan(4100);
  });

  it('is never a link or a pipe', () => {
    symlinkSync('/etc/passwd', file);
    log.refresh();
    expect(log.problem()).toContain('cannot be read');
    const other = openFileSource(readsHere, folder);
    mkdirSync(join(folder, 'x'));
    expect(other.refresh()).toBe(false);
    expect(other.problem()).toContain('is no file');
  });

  it('is searched also where it was not looked at yet', async () => {
    writeFileSync(file, `the needle\n${numbered(0, 400_000)}`);
    log.refresh();
    log.work();
    const { signal } = new AbortController();
    const found = await findText(log, log.format, 'needle', { from: log.end() - 1, backwards: true, signal });
    expect(found).toBe(-400_001);
  });
});

describe('the lines of a level', () => {
  const write = (line: number): string =>
    `2026/11/23 10:00:00 [${line % 100 === 0 ? 'error' : 'info'}] 1#1: line ${line}\n`;

  it('are found from one line on, both ways, and keep their places', () => {
    writeFileSync(file, Array.from({ length: 10_000 }, (_, line) => write(line)).join(''));
    whole();
    const errors = filterLines(log, 'errors', -5050);
    const found = whole(errors);
    expect(found).toHaveLength(100);
    expect(errors.raw(0, 1)[0]).toContain('line 5000');
    expect(errors.raw(-1, 0)[0]).toContain('line 4900');
    expect(errors.numberAt(0)).toBe(-5000);
    expect(errors.placeOf(-5000)).toBe(0);
    expect(errors.placeOf(-4999)).toBe(1);
    expect(errors.placeOf(-5001)).toBe(0);
    expect(errors.placeOf(-10_000)).toBe(-50);
    appendFileSync(file, write(100));
    expect(whole(errors)).toHaveLength(101);
    truncateSync(file, 0);
    appendFileSync(file, write(200));
    expect(whole(errors).at(-1)).toContain('line 200');
  });
});

it('a stack trace is shown with its error, whichever way it is found', () => {
  const entry = (level: string): string =>
    `2026/11/23 10:00:00 [${level}] 1#1: ${level}\nStack trace of ${level}\n${'#1 x\n'.repeat(3)}`;
  writeFileSync(file, `${entry('info')}${entry('error')}`.repeat(1000));
  whole();
  for (const anchor of [-10_000, -5003, -1, 0]) {
    const lines = whole(filterLines(log, 'errors', anchor));
    expect(lines).toHaveLength(5000);
    expect(lines.slice(0, 3)).toEqual(['2026/11/23 10:00:00 [error] 1#1: error', 'Stack trace of error', '#1 x']);
  }
});

describe('a line of a service', () => {
  it.each([
    ['2026/11/23 10:00:00 [error] 12#12: *3 open() failed', 'error', 'open() failed'],
    [
      '2026/11/23 10:00:00 [error] 1#1: *1 FastCGI sent in stderr: "PHP message: PHP Warning:  x"',
      'warning',
      'PHP Warning:  x"',
    ],
    [
      '2026/11/23 10:00:00 [error] 1#1: *1 FastCGI sent in stderr: "PHP message: PHP Notice:  x; PHP message: PHP Fatal error:  y"',
      'error',
      expect.stringMatching(/^PHP Notice/),
    ],
    ['2026/11/23 10:00:00 [error] 1#1: *1 open() "/PHP Notice: x" failed', 'error', expect.anything()],
    [
      '1.2.3.4 - ann [2026-11-23T10:00:00+00:00] "GET /[debug] HTTP/1.1" 500 1 "-" "[info]" h 0',
      'error',
      expect.stringMatching(/^1.2.3.4 - ann "GET/),
    ],
    [
      '1.2.3.4 - - [2026-11-23T10:00:00+00:00] "GET /[error] HTTP/1.1" 200 1 "-" "PHP Fatal" h 0',
      'info',
      expect.anything(),
    ],
    ['2026/11/23 10:00:00 [warn] 1#1: slow', 'warning', 'slow'],
    [
      '1.2.3.4 - - [2026-11-23T10:00:00+00:00] "GET / HTTP/1.1" 502 157 "-" "curl" host 0.1',
      'error',
      '1.2.3.4 "GET / HTTP/1.1" 502 157 "-" "curl" host 0.1',
    ],
    ['1.2.3.4 - - [2026-11-23T10:00:00+00:00] "GET / HTTP/1.1" 404 1 "-" "x" h 0', 'warning', expect.anything()],
    ['1.2.3.4 - - [2026-11-23T10:00:00+00:00] "GET / HTTP/1.1" 200 1 "-" "x" h 0', 'info', expect.anything()],
    ['[23-Nov-2026 10:00:00 UTC] PHP Parse error:  x', 'error', 'PHP Parse error:  x'],
    ['1.2.3.4 - - [2026-11-23T10:00:00.000Z] "GET / HTTP/1.1" 500 1 "-" "x" h 0', 'error', expect.anything()],
    ['2026-11-23T10:00:00.000Z GET /: it broke', 'error', 'GET /: it broke'],
    ['2026-11-23T10:00:00.000Z PHP Deprecated:  x', 'info', 'PHP Deprecated:  x'],
  ])('has a time and a level: %s', (raw, level, text) => {
    expect(serviceFormat.parse(raw)).toMatchObject({ level, text, at: '2026-11-23T10:00:00.000Z' });
    expect(serviceFormat.level(raw)).toBe(level);
  });

  it('that is none of these is shown as it is', () => {
    expect(serviceFormat.parse('#0 {main}')).toMatchObject({ at: '', level: 'info', text: '#0 {main}' });
    expect(serviceFormat.parse('[99-Foo-2026 10:00:00 UTC] x').at).toBe('');
  });
});
