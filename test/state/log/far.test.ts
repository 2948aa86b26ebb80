import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OpenFile, Reads, Soon } from '../../../src/provision/host/host.ts';
import { readsHere } from '../../../src/provision/host/local/reads.ts';
import { openFileSource } from '../../../src/state/log/file.ts';
import { filterLines } from '../../../src/state/log/filter.ts';
import { NotYetRead, whenRead } from '../../../src/state/log/not-yet.ts';
import { findText } from '../../../src/state/log/search.ts';
import type { LogLines, LogSource } from '../../../src/state/model/log-source.ts';

/** This machine as one that is elsewhere: every answer comes later. */
let lost = false;
const later = async <T>(answer: () => Soon<T>): Promise<T> => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  if (lost) throw new Error('the host is gone');
  return answer();
};
const elsewhere: Pick<Reads, 'open'> = {
  open: (path) =>
    later(() => {
      const file = readsHere.open(path) as OpenFile | undefined;
      return (
        file && {
          state: () => later(() => file.state()),
          read: (into, at) => later(() => file.read(into, at)),
          close: file.close,
        }
      );
    }),
};

let folder = '';
let file = '';
let log: LogSource;
beforeEach(() => {
  lost = false;
  folder = mkdtempSync(join(tmpdir(), 'aegir-log-'));
  file = join(folder, 'error.log');
  log = openFileSource(elsewhere, file);
});
afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true, force: true });
});

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => `line ${from + at}\n`).join('');

async function whole(lines: LogLines = log): Promise<string[]> {
  await log.refresh();
  while (await whenRead(() => lines.work()));
  return whenRead(() => lines.raw(lines.first(), lines.end()));
}

it('a log of a host elsewhere says that its lines are not there yet, then has them', async () => {
  writeFileSync(file, numbered(0, 300_000));
  await log.refresh();
  await whenRead(() => log.work());
  expect(await whenRead(() => log.raw(log.end() - 2, log.end()))).toEqual(['line 299998', 'line 299999']);
  // What was read once is there.
  expect(log.raw(log.end() - 2, log.end())).toEqual(['line 299998', 'line 299999']);
  expect(() => log.raw(log.first(), log.first() + 1)).not.toThrow();
  expect(await whole()).toEqual(numbered(0, 300_000).trim().split('\n'));
  // A work may need more than is kept.
  appendFileSync(file, 'x'.repeat(99).concat('\n').repeat(100_000));
  expect(await whole()).toHaveLength(400_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(() => log.raw(log.first(), log.first() + 1)).toThrow(NotYetRead);
});

it('it grows, is rotated, filtered and searched like one of this machine', async () => {
  expect(await log.refresh()).toBe(false);
  expect(log.problem()).toContain('is not there yet');
  writeFileSync(file, 'one');
  expect(await whole()).toEqual(['one']);
  appendFileSync(file, ' and more\ntwo\n');
  expect(await whole()).toEqual(['one and more', 'two']);
  renameSync(file, `${file}.1`);
  writeFileSync(file, '2026/11/23 10:00:00 [error] 1#1: three\n');
  expect(await whole()).toHaveLength(4);
  expect(await whole(filterLines(log, 'errors', log.end()))).toHaveLength(1);
  const { signal } = new AbortController();
  expect(await findText(log, log.format, 'more', { from: log.end() - 1, backwards: true, signal })).toBe(log.first());
});

it('when its host is gone it ends where it was read, and says why nothing new comes', async () => {
  writeFileSync(file, numbered(0, 3));
  expect(await whole()).toHaveLength(3);
  appendFileSync(file, 'four\n');
  lost = true;
  expect(await log.refresh()).toBe(false);
  expect(log.raw(log.first(), log.end())).toHaveLength(3);
  const other = openFileSource(elsewhere, file);
  expect(await other.refresh()).toBe(false);
  expect(other.problem()).toContain('the host is gone');
});
