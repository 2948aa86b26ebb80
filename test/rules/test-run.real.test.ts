import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readReport, skipsByReason } from '../../scripts/test-report.mjs';
import { inSandbox, leftInSandbox } from '../../scripts/test-sandbox.mjs';
import { waitUntil } from '../../src/provision/host/local/wait.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegtest-sandboxs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const canBeMade = inSandbox(tmpdir(), ['true']) !== undefined;
const sandboxed = it.runIf(canBeMade);
/** Starts a command in a sandbox, as a group of its own. */
function start(script: string) {
  const { file, args } = inSandbox(folder, ['sh', '-c', script, 'sh', folder]) ?? { file: '', args: [] };
  return spawn(file, args, { detached: true, stdio: 'inherit' });
}

sandboxed('a run that is killed takes all with it that it started (needs unshare)', async () => {
  // No program has such a name for another reason.
  const minutes = `${process.pid}.5`;
  const running = () => spawnSync('pgrep', ['-f', `sleep ${minutes}$`]).status === 0;
  const sandbox = start(`setsid sleep ${minutes} & touch "$1/began"; wait`);
  await waitUntil(() => existsSync(join(folder, 'began')), 30_000);
  expect(running()).toBe(true);
  process.kill(-(sandbox.pid ?? 0), 'SIGKILL');
  await once(sandbox, 'close');
  await waitUntil(() => !running(), 10_000);
  expect(running()).toBe(false);
});

sandboxed('a run changes no users and leaves no files, and tells what it would have left (needs unshare)', async () => {
  const users = readFileSync('/etc/passwd', 'utf8');
  const left = `/tmp/aegtest-left-${process.pid}`;
  const sandbox = start(`useradd --no-create-home aegtestbox; id aegtestbox > "$1/user"; touch ${left}; exit 7`);
  expect((await once(sandbox, 'close'))[0]).toBe(7);
  expect(readFileSync(join(folder, 'user'), 'utf8')).toContain('aegtestbox');
  expect(readFileSync('/etc/passwd', 'utf8')).toBe(users);
  expect(existsSync(left)).toBe(false);
  expect(leftInSandbox(folder)).toEqual([left]);
});

it('a run that was cut off says what had passed and failed by then', () => {
  const file = join(folder, 'report.jsonl');
  const lines = [
    { file: 'test/a.test.ts', name: 'good', state: 'passed' },
    { file: 'test/a.test.ts', name: 'bad', state: 'failed', message: 'expected 1\nto be 2' },
    { file: 'test/a.test.ts', name: 'a tree (needs AEGIR_TEST_PLATFORMS)', state: 'skipped' },
    { file: 'test/a.test.ts', ms: 1500 },
    { file: 'test/b.test.ts', failed: true, message: 'a hook failed' },
    { file: 'test/b.test.ts', ms: 2500 },
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(file, text);
  const report = readReport(file);
  expect(report).toMatchObject({
    passed: 1,
    failures: [{ name: 'bad' }, { file: 'test/b.test.ts' }],
    whole: false,
    slowest: [
      ['test/b.test.ts', 2.5],
      ['test/a.test.ts', 1.5],
    ],
  });
  expect([...skipsByReason(report.skips)]).toEqual([
    ['needs AEGIR_TEST_PLATFORMS', ['test/a.test.ts: a tree (needs AEGIR_TEST_PLATFORMS)']],
  ]);
  writeFileSync(file, `${text}${JSON.stringify({ ended: 'passed' })}\n{"file":"test/c`);
  expect(readReport(file).whole).toBe(true);
  expect(readReport(join(folder, 'none'))).toMatchObject({ passed: 0, whole: false });
});
