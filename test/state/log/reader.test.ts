import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogReader } from '../../../src/state/log/reader.ts';
import { findError, findText } from '../../../src/state/log/search.ts';
import { openTaskSource } from '../../../src/state/log/task.ts';
import type { LogSource } from '../../../src/state/model/log-source.ts';
import { openTaskLog, taskLogFiles } from '../../../src/worker/task-log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(count: number, text = (line: number): string => `line ${line}`): void {
  const log = openTaskLog(folder, 1);
  for (let line = 0; line < count; line += 1) {
    const level = line === 70 ? 'error' : 'info';
    log.write({ at: '2026-11-23T10:00:00.000Z', level, step: 's', stream: 'aegir', text: text(line) });
  }
  log.close();
}

const { signal } = new AbortController();

const searcher =
  (log: LogSource) =>
  (wanted: string, from: number, backwards = false): Promise<number | undefined> =>
    findText(log, log.format, wanted, { from, backwards, signal });

describe('a task’s log', () => {
  it('is not there before the task has written', () => {
    expect(openLogReader(folder, 1)).toBeUndefined();
    const log = openTaskSource(folder, 1);
    expect(log.refresh()).toBe(false);
    expect(log.problem()).toContain('Nothing is logged');
    write(2);
    expect(log.refresh()).toBe(true);
    expect(log.end()).toBe(2);
    log.close();
  });

  it('is read by line numbers, to its very end, while it grows', () => {
    write(100);
    const log = openLogReader(folder, 1);
    expect(log?.count()).toBe(100);
    expect(log?.lines(98, 200).map((entry) => entry.text)).toEqual(['line 98', 'line 99']);
    expect(log?.lines(-5, 1).map((entry) => entry.text)).toEqual(['line 0']);
    write(3, (line) => `later ${line}`);
    expect(log?.lines(99, 101).map((entry) => entry.text)).toEqual(['line 99', 'later 0']);
    log?.close();
  });

  it('has an index once it is long, and is read on by whoever had it open before', () => {
    write(300);
    const log = openLogReader(folder, 1);
    const { index } = taskLogFiles(folder, 1);
    expect([log?.count(), existsSync(index)]).toEqual([300, false]);
    write(300, (line) => `later ${line}`);
    expect([log?.count(), existsSync(index)]).toEqual([600, true]);
    expect(log?.lines(299, 301).map(({ text }) => text)).toEqual(['line 299', 'later 0']);
    expect(log?.lines(599, 700).map(({ text }) => text)).toEqual(['later 299']);
    log?.close();
  });

  it.each([
    ['short', 10],
    ['long', 700],
  ])('that is %s goes on behind its last whole line after a worker was killed', (_how, count) => {
    write(count);
    const { lines, index } = taskLogFiles(folder, 1);
    appendFileSync(lines, `${JSON.stringify({ text: 'whole' })}\n{"text":"ha`);
    if (existsSync(index)) appendFileSync(index, Buffer.alloc(3));
    write(1, () => 'after');
    const log = openLogReader(folder, 1);
    expect(log?.count()).toBe(count + 2);
    expect(log?.lines(count - 1, count + 2).map(({ text }) => text)).toEqual([`line ${count - 1}`, 'whole', 'after']);
    log?.close();
  });

  it('is searched both ways, over pieces, with case only where it was typed', async () => {
    write(5000, (line) => (line % 2400 === 7 ? `Needle "${line}"` : 'hay "name":"x"'));
    const log = openTaskSource(folder, 1);
    log.refresh();
    const find = searcher(log);
    expect(await find('needle', 0)).toBe(7);
    expect(await find('needle', 8)).toBe(2407);
    expect(await find('needle "', 4999, true)).toBe(4807);
    expect(await find('needle', 6, true)).toBeUndefined();
    expect(await find('NEEDLE', 0)).toBeUndefined();
    // The name of a stored field is not text of the log.
    expect(await find('"stream"', 0)).toBeUndefined();
    expect(await findError(log, log.format, { from: 0, backwards: false, signal })).toBe(70);
    expect(await findError(log, log.format, { from: 71, backwards: false, signal })).toBeUndefined();
    log.close();
  });

  it('shows lines that somebody else wrote without their controls, and each apart however long one is', () => {
    const files = taskLogFiles(folder, 1);
    const lines = [
      JSON.stringify({ at: '\u001b[H', level: 'info', step: '', stream: 'stdout', text: 'a\u001b[2Jb' }),
      `no JSON \u001b]0;t\u0007${'x'.repeat(1_000_000)}`,
      'the last',
    ].map((line) => `${line}\n`);
    const offsets = lines.map((_, place) => BigInt(lines.slice(0, place).join('').length));
    writeFileSync(files.lines, lines.join(''));
    writeFileSync(files.index, Buffer.from(BigUint64Array.from(offsets).buffer));
    const log = openLogReader(folder, 1);
    const shown = log?.lines(0, 3) ?? [];
    for (const { at, text } of shown) expect(at + text).not.toMatch(/[\u0000-\u001f]/);
    expect(shown[2]?.text).toBe('the last');
    log?.close();
  });

  it('shows its newest lines when it has a million', () => {
    const line = Buffer.from(`${JSON.stringify({ at: '', level: 'info', step: '', stream: 'stdout', text: 'x' })}\n`);
    const count = 1_000_000;
    writeFileSync(taskLogFiles(folder, 1).lines, Buffer.alloc(line.length * count, line));
    writeFileSync(
      taskLogFiles(folder, 1).index,
      Buffer.from(BigUint64Array.from({ length: count }, (_, place) => BigInt(place * line.length)).buffer),
    );
    const log = openLogReader(folder, 1);
    expect(log?.lines((log?.count() ?? 0) - 20, count)).toHaveLength(20);
    log?.close();
  });
});
