import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../../src/provision/host/host.ts';
import { endChildren } from '../../../../src/provision/host/local/children.ts';
import { daemonPid } from '../../../../src/provision/host/local/daemons.ts';
import { environmentOf, processFact, processIds } from '../../../../src/provision/host/local/processes.ts';
import { localHost } from '../../../../src/provision/host/makers/local.ts';
import type { Policy } from '../../../../src/provision/host/policy.ts';
import type { ServiceProcess } from '../../../../src/provision/host/root-acts.ts';
import { ask } from '../../../support/http-client.ts';
import { temporaryPolicy } from '../../../support/policy.ts';

let policy: Policy;
let remove: () => void;
let host: Host;
let nginx: ServiceProcess;
let conf: string;
let port: number;
const control = (action: 'start' | 'reload' | 'stop', service = nginx) =>
  host.act('service.control', { service, action });

beforeAll(async () => {
  ({ policy, remove } = temporaryPolicy());
  policy.mark = `${policy.paths.root}#1.${process.pid}`;
  process.env.AEGIR_TASK = policy.mark;
  host = localHost(policy);
  port = await freePort();
  conf = join(policy.paths.config, 'nginx.conf');
  nginx = {
    unit: '',
    pidFile: join(policy.paths.run, 'nginx/nginx.pid'),
    start: ['/usr/sbin/nginx', '-c', conf],
    reloadSignal: 'SIGHUP',
    stopSignal: 'SIGQUIT',
    foreground: false,
  };
  serve('one');
});
afterAll(async () => {
  delete process.env.AEGIR_TASK;
  await control('stop').catch(() => {});
  remove();
});

describe('a service without systemd', () => {
  it('starts, answers, reads its configuration again, and stops; each may be asked twice', async () => {
    await expect(control('reload')).rejects.toMatchObject({ code: 'SERVICE_DOWN' });
    await control('start');
    expect(await page()).toBe('one');
    const pid = daemonPid(nginx);
    await control('start');
    expect(daemonPid(nginx)).toBe(pid);
    serve('two');
    await control('reload');
    await expect.poll(page).toBe('two');
    expect(daemonPid(nginx)).toBe(pid);
    await control('stop');
    await control('stop');
    expect(daemonPid(nginx)).toBeUndefined();
    await expect(page()).rejects.toThrow();
  });

  it('is no child of a task: it carries no mark, holds none of our files and outlives a recovery', async () => {
    await control('start');
    const pid = daemonPid(nginx) ?? 0;
    expect(environmentOf(pid).some((entry) => entry.startsWith('AEGIR_TASK'))).toBe(false);
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[4]).toBe('0');
    expect(readdirSync(`/proc/${pid}/cwd`)).toEqual(readdirSync('/'));
    expect(await endChildren(policy.paths)).toBe(0);
    expect(daemonPid(nginx)).toBe(pid);
    await control('stop');
  });

  it('that does not start says why in its own words', async () => {
    writeFileSync(conf, 'pid /nowhere; nonsense on;');
    const start = control('start');
    await expect(start).rejects.toMatchObject({ code: 'SERVICE_START_FAILED' });
    await expect(start).rejects.toThrow(/unknown directive "nonsense"/);
    serve('three');
  });

  it('that runs in the foreground is put in the background, and its early end is told', async () => {
    const foreground = { ...nginx, start: [...nginx.start, '-g', 'daemon off;'], foreground: true };
    await control('start', foreground);
    expect(await page()).toBe('three');
    await control('stop', foreground);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
    await expect(control('start', foreground)).rejects.toThrow(/Address already in use|exit code 1/);
    await new Promise((resolve) => taken.close(resolve));
  }, 20_000);

  it('whose first process was killed is started again although its workers hold its port', async () => {
    await control('start');
    // Its workers come a moment after it.
    await expect.poll(() => page().catch(() => '')).toBe('three');
    const pid = daemonPid(nginx) ?? 0;
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => daemonPid(nginx)).toBeUndefined();
    expect(await page()).toBe('three');
    serve('four');
    await control('start');
    expect(await page()).toBe('four');
    await control('stop');
    await expect(page()).rejects.toThrow();
  });

  it('is not mistaken for another program that has its old number', async () => {
    mkdirSync(join(policy.paths.run, 'nginx'), { recursive: true });
    for (const stale of [String(process.pid), '999999999', '1', '', 'x', '-5']) {
      writeFileSync(nginx.pidFile, stale);
      expect(daemonPid(nginx)).toBeUndefined();
      await control('stop');
    }
    rmSync(nginx.pidFile);
  });

  it('is nobody whom another user could name in its pid file', async () => {
    await control('start');
    const pid = daemonPid(nginx) ?? 0;
    await expect.poll(() => page().catch(() => '')).toBe('four');
    const worker = processIds().find((one) => processFact(one)?.parent === pid) ?? 0;
    const fake = join(policy.paths.root, 'nginx');
    cpSync('/bin/sleep', fake);
    const sleeper = spawn(fake, ['60'], { stdio: 'ignore' });
    const kept = `${nginx.pidFile}.kept`;
    renameSync(nginx.pidFile, kept);
    const name = (text: string, owner = 0, mode = 0o644): void => {
      writeFileSync(nginx.pidFile, text);
      chownSync(nginx.pidFile, owner, 0);
      chmodSync(nginx.pidFile, mode);
    };
    try {
      name(String(pid));
      expect(daemonPid(nginx)).toBe(pid);
      name(String(pid), 64_999);
      expect(daemonPid(nginx), 'a file of somebody else').toBeUndefined();
      name(String(pid), 0, 0o666);
      expect(daemonPid(nginx), 'a file that everybody can write').toBeUndefined();
      name(String(worker));
      expect(daemonPid(nginx), 'the same program as another user').toBeUndefined();
      name(String(sleeper.pid));
      expect(daemonPid(nginx), 'another program of this name').toBeUndefined();
      rmSync(nginx.pidFile);
      symlinkSync(kept, nginx.pidFile);
      expect(daemonPid(nginx), 'a link').toBeUndefined();
    } finally {
      renameSync(kept, nginx.pidFile);
      sleeper.kill();
      rmSync(fake);
    }
    expect(daemonPid(nginx)).toBe(pid);
    await control('stop');
  });
});

describe('what is no service', () => {
  it.each([
    ['another program', ['/usr/bin/env', 'id']],
    ['a relative path', ['nginx']],
    ['a path with dots', ['/usr/sbin/../bin/nginx']],
    ['nothing', []],
  ])('%s is not started', async (_what, start) => {
    await expect(control('start', { ...nginx, start })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
  });

  it('is not started when others could have put it there', async () => {
    const fake = join(policy.paths.root, 'nginx');
    symlinkSync('/bin/true', fake);
    // The root lies in the folder for temporary files, which everybody can write.
    writeFileSync(`${fake}.x`, '#!/bin/sh\n', { mode: 0o755 });
    rmSync(fake);
    symlinkSync(`${fake}.x`, fake);
    await expect(control('start', { ...nginx, start: [fake] })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    const missing = control('start', { ...nginx, start: ['/opt/none/nginx'] });
    await expect(missing).rejects.toMatchObject({ code: 'SERVICE_ABSENT' });
  });
});

function serve(text: string): void {
  const own = policy.paths.run;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${own}/${name};`,
  );
  writeFileSync(
    conf,
    `pid ${nginx.pidFile}; error_log ${own}/error.log; events {} http { access_log off; ${temporary.join(' ')}
     server { listen 127.0.0.1:${port}; return 200 "${text}"; } }`,
  );
}

/** On a connection of its own: one that is kept would be closed with the service. */
const page = async (): Promise<string> => {
  const { status, body } = await ask(port, `127.0.0.1:${port}`, '/');
  if (status === 0) throw new Error('no answer');
  return body;
};

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
