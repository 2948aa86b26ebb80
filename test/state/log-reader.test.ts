import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogReader } from '../../src/state/log-reader.ts';
import { firstLine, followLog, jumpToLine, newLines, scrollLog, toggleFollow } from '../../src/state/log-view.ts';
import { emptyPage } from '../../src/state/model.ts';
import { openTaskLog, taskLogFiles } from '../../src/worker/task-log.ts';

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

const never = new AbortController().signal;

describe('a task’s log', () => {
  it('is not there before the task has written', () => {
    expect(openLogReader(folder, 1)).toBeUndefined();
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

  it('is searched both ways, over pieces, with case only where it was typed', async () => {
    write(5000, (line) => (line % 2400 === 7 ? `Needle "${line}"` : 'hay "name":"needless"'.replace('needless', 'x')));
    const log = openLogReader(folder, 1);
    expect(await log?.search('needle', 0, false, never)).toBe(7);
    expect(await log?.search('needle', 8, false, never)).toBe(2407);
    expect(await log?.search('needle "', 4999, true, never)).toBe(4807);
    expect(await log?.search('NEEDLE', 0, false, never)).toBeUndefined();
    // The name of a stored field is not text of the log.
    expect(await log?.search('"stream"', 0, false, never)).toBeUndefined();
    expect(await log?.nextError(0, never)).toBe(70);
    expect(await log?.nextError(71, never)).toBeUndefined();
    log?.close();
  });

  it('shows lines that somebody else wrote without their controls', () => {
    const files = taskLogFiles(folder, 1);
    const raw = `${JSON.stringify({ at: '', level: 'info', step: '', stream: 'stdout', text: 'a\u001b[2Jb' })}\nno JSON \u001b]0;t\u0007\n`;
    writeFileSync(files.lines, raw);
    writeFileSync(files.index, Buffer.from(BigUint64Array.from([0n, BigInt(raw.indexOf('no JSON'))]).buffer));
    const log = openLogReader(folder, 1);
    for (const { text } of log?.lines(0, 2) ?? []) expect(text).not.toMatch(/[\u0000-\u001f]/);
    log?.close();
  });

  it('opens at once when it has a million lines', () => {
    const line = Buffer.from(`${JSON.stringify({ at: '', level: 'info', step: '', stream: 'stdout', text: 'x' })}\n`);
    const count = 1_000_000;
    writeFileSync(taskLogFiles(folder, 1).lines, Buffer.alloc(line.length * count, line));
    writeFileSync(
      taskLogFiles(folder, 1).index,
      Buffer.from(BigUint64Array.from({ length: count }, (_, place) => BigInt(place * line.length)).buffer),
    );
    const begin = performance.now();
    const log = openLogReader(folder, 1);
    expect(log?.lines((log?.count() ?? 0) - 20, count)).toHaveLength(20);
    expect(performance.now() - begin).toBeLessThan(100);
    log?.close();
  });
});

describe('looking at a log', () => {
  const { log: view } = emptyPage('task');
  it('follows its end until one scrolls up, then counts what is new', () => {
    expect(firstLine(view, 100, 10)).toBe(90);
    const up = scrollLog(view, -1, 100, 10);
    expect(firstLine(up, 130, 10)).toBe(89);
    expect(newLines(up, 130)).toBe(30);
    expect(newLines(followLog(up), 130)).toBe(0);
  });
  it('follows again when one scrolls down to the end', () => {
    const up = scrollLog(view, -5, 100, 10);
    expect(scrollLog(up, 5, 100, 10).top).toBeUndefined();
    expect(toggleFollow(view, 100, 10).top).toBe(90);
    expect(toggleFollow(up, 100, 10).top).toBeUndefined();
  });
  it('shows a line that was jumped to a third down', () => {
    expect(jumpToLine(view, 50, 100, 12)).toMatchObject({ top: 46, hit: 50 });
    expect(jumpToLine(view, 1, 100, 12)).toMatchObject({ top: 0, hit: 1 });
  });
});
