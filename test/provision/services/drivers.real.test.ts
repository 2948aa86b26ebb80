import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerContext } from '../../../src/provision/model/context.ts';
import { standardProgram } from '../../../src/provision/standard.ts';
import { type Stack, startStack } from '../../support/stack.ts';
import { freeSlot, sweep, takeSlot } from '../../support/stack-slots.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
}, 60_000);

afterAll(() => stack?.stop());

describe('the services that a distribution installs', () => {
  it('are found with their versions, and with settings that each driver understands', async () => {
    const found = await Promise.all(standardProgram.services.drivers.map((driver) => driver.detect(stack.host)));
    const services = found.flat();
    // Of PHP a machine may have several branches.
    const kinds = [...new Set(services.map(({ kind, driver }) => `${kind} ${driver}`))];
    expect(kinds).toEqual(['http nginx', 'php fpm', 'db mariadb']);
    for (const { version } of services) expect(version).toMatch(/^\d+\.\d+\.\d+/);
    const server: ServerContext = { ...stack.server, services };
    for (const { service, driver, server: its } of standardProgram.services.all(server)) {
      expect(['running', 'stopped']).toContain(await driver.state(stack.host, its));
      expect(existsSync(String(service.settings.binary))).toBe(true);
    }
    expect(existsSync(standardProgram.services.php(server).commandLine(server)[0] ?? '')).toBe(true);
    expect(standardProgram.services.http(server).url(server, 'a.test')).toBe('http://a.test');
  });
});

describe('the stack', () => {
  it('gives each test file names of its own', async () => {
    const slot = await takeSlot('/tmp/aegtest-stack-none', 'aegtest');
    expect(slot.handlePrefix).not.toBe(stack.server.handlePrefix);
    expect(slot.uidBase).not.toBe(stack.server.uidBase);
    await freeSlot(slot);
  });

  it('leaves neither users nor daemons nor files', async () => {
    const other = await startStack({ db: false });
    const user = `${other.server.handlePrefix}1`;
    await other.host.act('user.add', { user, uid: other.server.uidBase + 1, home: join(other.paths.sites, user) });
    const pids = ['nginx', 'fpm'].map((name) => readFileSync(join(other.paths.run, `${name}.pid`), 'utf8').trim());
    await other.stop();
    expect(readFileSync('/etc/passwd', 'utf8')).not.toContain(`${user}:`);
    expect(existsSync(other.root)).toBe(false);
    for (const pid of pids) expect(existsSync(`/proc/${pid}/exe`)).toBe(false);
  });

  it('is swept away when the run that started it was killed', async () => {
    const script = `const { startStack } = await import(${JSON.stringify(join(import.meta.dirname, '../../support/stack.ts'))});
      const { root, server, host, paths } = await startStack({ db: false });
      const user = server.handlePrefix + '1';
      await host.act('user.add', { user, uid: server.uidBase + 1, home: paths.sites + '/' + user });
      console.log(JSON.stringify({ root, user }));
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect(child.signal, child.stderr).toBe('SIGKILL');
    const { root, user } = JSON.parse(child.stdout) as { root: string; user: string };
    const pids = ['nginx', 'fpm'].map((name) => readFileSync(join(root, `run/${name}.pid`), 'utf8').trim());
    await sweep();
    for (const pid of pids) expect(existsSync(`/proc/${pid}/exe`)).toBe(false);
    expect(readFileSync('/etc/passwd', 'utf8')).not.toContain(`${user}:`);
    expect(existsSync(root)).toBe(false);
  }, 60_000);
});
