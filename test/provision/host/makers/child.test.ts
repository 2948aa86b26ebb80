import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host, Look } from '../../../../src/provision/host/host.ts';
import { processFact, processIds } from '../../../../src/provision/host/local/processes.ts';
import { childHost } from '../../../../src/provision/host/makers/child.ts';
import { localHost } from '../../../../src/provision/host/makers/local.ts';
import type { Policy } from '../../../../src/provision/host/policy.ts';
import { temporaryPolicy } from '../../../support/policy.ts';

let policy: Policy;
let remove: () => void;
let far: Host;
let here: Host;
let file = '';
beforeAll(() => {
  ({ policy, remove } = temporaryPolicy({ uidBase: 0 }));
  [far, here] = [childHost(policy), localHost(policy)];
  file = join(policy.paths.config, 'some.conf');
  writeFileSync(file, 'ä\nzwei\n', { mode: 0o640 });
  mkdirSync(join(policy.paths.sites, 'aegtest1'));
});
afterAll(() => remove());

/** The process that acts for this one. */
const child = (): number =>
  processIds().find((pid) => {
    const fact = processFact(pid);
    return (
      fact?.parent === process.pid &&
      fact.state !== 'Z' &&
      /serve-acts/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    );
  }) ?? 0;

const sh = (script: string) => ({ user: 'aegtest1', file: '/bin/sh', args: ['-c', script], cwd: policy.paths.sites });

describe('a host in a child process', () => {
  it('answers reads as this machine does', async () => {
    const missing = join(policy.paths.config, 'none');
    const wanted: Look[] = [
      { list: policy.paths.config },
      { stat: file },
      { text: file, maxBytes: 2 },
      { text: missing },
    ];
    const reads: ((host: Host) => Promise<unknown>)[] = [
      (host) => host.readText(file),
      (host) => host.readText(file, 3),
      (host) => host.readText(missing),
      (host) => host.stat(file),
      (host) => host.stat(missing),
      (host) => host.list(policy.paths.config),
      (host) => host.look(wanted),
      (host) => host.account('root'),
      (host) => host.account('nobody-of-this-name'),
      (host) => host.accountOfUid(0),
      async (host) => Object.keys(await host.space(file)),
      (host) => host.ask({ file: 'cat', args: ['-'], input: 'given' }),
      (host) => host.fetch({ address: '127.0.0.1', port: 1, host: 'x.test', path: '/', timeoutMs: 500 }),
    ];
    for (const read of reads) expect(await read(far)).toEqual(await read(here));
    expect({ name: far.name, siteUsers: far.siteUsers }).toEqual({ name: here.name, siteUsers: here.siteUsers });
  });

  it('reads a file bit by bit, also when it has been renamed', async () => {
    const log = join(policy.paths.config, 'some.log');
    writeFileSync(log, 'one\n');
    const open = await far.open(log);
    expect(await open?.state()).toEqual({ size: 4, replaced: false });
    appendFileSync(log, 'two\n');
    const into = Buffer.alloc(10);
    expect(await open?.read(into, 2)).toBe(6);
    expect(into.toString('utf8', 0, 6)).toBe('e\ntwo\n');
    open?.close();
    expect(await far.open(`${log}.1`)).toBeUndefined();
    await expect(async () => far.open(policy.paths.config)).rejects.toMatchObject({ code: 'NOT_A_FILE' });
  });

  it('performs acts, with lines and input, and fails with the same errors', async () => {
    const text = join(policy.paths.config, 'made.conf');
    expect(await far.act('file.write', { path: text, text: 'x', mode: 0o640 })).toEqual({ changed: true });
    const lines: string[] = [];
    const ran = await far.act('user.run', sh('cat; echo done >&2; exit 3'), {
      input: 'said\nthen\n',
      onLine: (stream, line) => lines.push(`${stream} ${line}`),
    });
    expect(ran).toMatchObject({ code: 3, stdout: 'said\nthen\n', stderr: 'done\n', timedOut: false });
    expect(lines.sort()).toEqual(['stderr done', 'stdout said', 'stdout then']);
    for (const host of [far, here]) {
      const outside = host.act('file.write', { path: '/etc/other', text: '', mode: 0o644 });
      await expect(outside).rejects.toMatchObject({
        code: 'ACT_REFUSED',
        message: expect.stringContaining('/etc/other'),
      });
      const unknown = host.act('no.act' as 'file.remove', { path: file });
      await expect(unknown).rejects.toMatchObject({ code: 'ACT_REFUSED', message: 'there is no act no.act' });
      const wrong = host.act('file.remove', { path: file, more: 1 } as { path: string });
      await expect(wrong).rejects.toMatchObject({
        code: 'ACT_REFUSED',
        message: expect.stringContaining('file.remove'),
      });
    }
  });

  it('ends a command that is cancelled', async () => {
    const cancel = new AbortController();
    const seen: string[] = [];
    const running = far.act('user.run', sh('echo $$; exec sleep 1000'), {
      signal: cancel.signal,
      onLine(_stream, line) {
        seen.push(line);
        cancel.abort();
      },
    });
    expect(await running).toMatchObject({ signal: 'SIGTERM' });
    expect(processFact(Number(seen[0]))).toBeUndefined();
    const again = await far.act('user.run', sh('echo late'), { signal: cancel.signal });
    expect(again).toEqual(await here.act('user.run', sh('echo late'), { signal: cancel.signal }));
  });

  it('that is killed fails its calls with one code, leaves nothing running, and is started again', async () => {
    const marked = childHost({ ...policy, mark: `${policy.paths.root}#test-1` });
    let pid = 0;
    const killed = new Promise<void>((resolve, reject) => {
      marked
        .act('user.run', sh('echo $$; exec sleep 1000'), {
          onLine(_stream, line) {
            pid = Number(line);
            process.kill(child(), 'SIGKILL');
          },
        })
        .then(() => resolve(), reject);
    });
    await expect(killed).rejects.toMatchObject({ code: 'HOST_LOST', hint: expect.stringContaining('dmesg') });
    expect(processFact(pid)?.state ?? 'gone').toMatch(/gone|Z/);
    expect(await marked.readText(file)).toBe('ä\nzwei\n');
  });

  it('goes with the process that it acts for, whatever ends it', async () => {
    const maker = join(import.meta.dirname, '../../../../src/provision/host/makers/child.ts');
    const script = `
      import { childHost } from ${JSON.stringify(maker)};
      const host = childHost(${JSON.stringify(policy)});
      await host.list('/');
      const { execFileSync } = await import('node:child_process');
      console.log(execFileSync('pgrep', ['-P', String(process.pid), '-f', 'serve-acts'], { encoding: 'utf8' }).trim());
      if (process.argv.includes('killed')) process.kill(process.pid, 'SIGKILL');
    `;
    for (const how of ['ends', 'killed']) {
      const words = ['--input-type=module', '-e', script, how];
      const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 30_000 });
      const pid = Number(stdout.trim());
      expect(pid, stderr).toBeGreaterThan(1);
      await expect.poll(() => processFact(pid)?.state ?? 'gone').toMatch(/gone|Z/);
    }
  });
});
