import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lastOutput, runCommand } from '../../../../src/provision/host/local/exec.ts';

const node = process.execPath;
/** Runs a line of JavaScript as a command. */
const script = (code: string, more: object = {}) => runCommand({ file: node, args: ['-e', code], ...more });

describe('a command', () => {
  it('gets its arguments as they are, never through a shell', async () => {
    const hostile = ['$(id)', '; rm -rf /', '`id`', '*', "'", '"', 'a b', '-n', '\n'];
    const { stdout } = await script('console.log(JSON.stringify(process.argv.slice(1)))', {
      args: ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...hostile],
    });
    expect(JSON.parse(stdout)).toEqual(hostile);
  });

  it('sees nothing of our environment but what it is given', async () => {
    process.env.AEGTEST_SECRET = 'canary';
    const { stdout } = await script('console.log(JSON.stringify(process.env))', { env: { GIVEN: 'yes' } });
    expect(Object.keys(JSON.parse(stdout)).sort()).toEqual(['GIVEN', 'LANG', 'PATH']);
  });

  it('is told apart by how it ends: exit code, signal, never begun', async () => {
    expect(await script('process.exit(7)')).toMatchObject({ code: 7, signal: undefined, timedOut: false });
    expect(await script('process.kill(process.pid, "SIGKILL")')).toMatchObject({ code: -1, signal: 'SIGKILL' });
    const missing = await runCommand({ file: '/no/such/program', args: [] });
    expect(missing.code).not.toBe(0);
    expect(missing.stderr).toContain('/no/such/program');
    const lost = await runCommand({ file: node, args: ['-v'], cwd: '/no/such/folder' });
    expect(lost.code).not.toBe(0);
    expect(lastOutput(lost)).toMatch(/no\/such\/folder/);
  });

  it('passes its lines on as they come, cleaned, and a character that is cut in two is whole', async () => {
    const lines: string[] = [];
    const code = `
      const bytes = Buffer.from('first \\u001b[2J\\r\\nzw\u00f6lf\\rbar 10%\\rbar 20%\\nlast');
      let place = 0;
      const step = () => { if (place < bytes.length) { process.stdout.write(bytes.subarray(place, ++place)); setTimeout(step, 1); } };
      step(); console.error('err');`;
    const result = await script(code, { onLine: (stream: string, line: string) => lines.push(`${stream}: ${line}`) });
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(
      ['first ␛[2J', 'zwölf', 'bar 10%', 'bar 20%', 'last'].map((line) => `stdout: ${line}`),
    );
    expect(lines).toContain('stderr: err');
    expect(result.stdout).toContain('\u001b[2J');
  });

  it('that prints without end, or a line without end, is ended in time and eats no memory', async () => {
    for (const text of ['x'.repeat(1000), `${'y'.repeat(70)}\\n`]) {
      let longest = 0;
      const before = process.memoryUsage().rss;
      const result = await script(
        `const c = "${text}".repeat(1000); const w = () => process.stdout.write(c, w); w();`,
        {
          timeoutMs: 1500,
          onLine: (_stream: string, line: string) => {
            longest = Math.max(longest, line.length);
          },
        },
      );
      expect(result.timedOut).toBe(true);
      expect(result.stdout.length).toBe(1024 * 1024);
      expect(longest).toBeLessThanOrEqual(4000);
      expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
    }
  }, 15_000);

  it('takes its children along when its time is over, also those that do not listen to SIGTERM', async () => {
    const child = `process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => {}, 1000)`;
    const result = await script(
      `const c = require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], {stdio: "inherit"}); setInterval(() => {}, 1000)`,
      { timeoutMs: 700 },
    );
    expect(result.timedOut).toBe(true);
    expect(isRunning(Number(result.stdout))).toBe(false);
  }, 15_000);

  it('is ended by an abort, and not begun after one', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 300);
    const result = await script('setInterval(() => {}, 1000)', { signal: abort.signal });
    expect(result).toMatchObject({ signal: 'SIGTERM', timedOut: false });
    expect((await script('console.log(1)', { signal: abort.signal })).stdout).toBe('');
  });

  it('that leaves a child with its output open is over when it ends itself, and the child with it', async () => {
    const result = await script(
      `const c = require("child_process").spawn("sleep", ["600"], {stdio: "inherit"}); console.log(c.pid); c.unref(); process.exit(3)`,
    );
    expect(result.code).toBe(3);
    await expect.poll(() => isRunning(Number(result.stdout))).toBe(false);
  });

  it('that daemonises with its output open does not hold us up either', async () => {
    const result = await script(
      `const c = require("child_process").spawn("sleep", ["60"], {stdio: "inherit", detached: true}); console.log(c.pid); c.unref(); process.exit(0)`,
    );
    expect(result.code).toBe(0);
    // It was not waited for, and nobody else ends it.
    const daemon = Number(result.stdout);
    expect(isRunning(daemon)).toBe(true);
    process.kill(daemon);
  });

  it('reads what it is given, and one that does not read it does no harm', async () => {
    expect((await runCommand({ file: 'cat', args: [], input: 'secret\n' })).stdout).toBe('secret\n');
    expect((await runCommand({ file: 'true', args: [], input: 'x'.repeat(5e6) })).code).toBe(0);
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
