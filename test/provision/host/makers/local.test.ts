import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { localHost } from '../../../../src/provision/host/makers/local.ts';
import { rootPaths } from '../../../../src/provision/model/paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'aegtest-local-'));
const policy = {
  paths: rootPaths(folder),
  handlePrefix: 'aegtest',
  uidBase: 300_000_000,
  webUser: 'www-data',
  mark: 'aegtest#1',
  systemFiles: [],
  platformFolders: [],
};
const host = localHost(policy);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('reading this machine', () => {
  it('gives the text of files, whole or their beginning, and undefined for what is none', async () => {
    writeFileSync(join(folder, 'file'), 'äbc');
    symlinkSync('file', join(folder, 'link'));
    symlinkSync('circle', join(folder, 'circle'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await host.readText(join(folder, 'file'))).toBe('äbc');
    expect(await host.readText(join(folder, 'link'))).toBe('äbc');
    expect(await host.readText(join(folder, 'file'), 3)).toBe('äb');
    expect(await host.readText('/proc/self/status')).toMatch(/^Name:/);
    for (const none of ['none', 'file/none', '', 'pipe', 'circle']) {
      expect(await host.readText(join(folder, none))).toBeUndefined();
    }
  });

  it('tells what a path is without following a link', async () => {
    expect(await host.stat(join(folder, 'file'))).toMatchObject({ kind: 'file', size: 4, uid: process.geteuid?.() });
    expect(await host.stat(join(folder, 'link'))).toMatchObject({ kind: 'link', target: 'file' });
    expect(await host.stat(folder)).toMatchObject({ kind: 'folder', mode: 0o700 });
    expect(await host.stat(join(folder, 'pipe'))).toMatchObject({ kind: 'other' });
    expect(await host.stat(join(folder, 'file/none'))).toBeUndefined();
    expect(await host.list(folder)).toEqual(['circle', 'file', 'link', 'pipe']);
    expect(await host.list(join(folder, 'file'))).toEqual([]);
  });

  it('knows accounts and space', async () => {
    const { username, uid, gid, homedir } = userInfo();
    expect(await host.account(username)).toEqual({ uid, gid, home: homedir });
    expect(await host.account('nobody-here')).toBeUndefined();
    expect(await host.account('')).toBeUndefined();
    expect(await host.accountOfUid(uid)).toBe(username);
    expect(await host.accountOfUid(0x7fffffff)).toBeUndefined();
    const space = await host.space(join(folder, 'not/there/yet'));
    expect(space.bytes).toBeGreaterThan(0);
    expect(space.inodes).toBeGreaterThan(0);
  });

  it('gives commands the mark of the task', async () => {
    expect((await host.ask({ file: 'printenv', args: ['AEGIR_TASK'] })).stdout).toBe('aegtest#1\n');
  });
});

describe('asking for a page', () => {
  it('says under which name, and tells status, redirect and body', async () => {
    const page = await ask((request, response) => {
      response.writeHead(302, { location: '/login' }).end(`${request.headers.host}${request.url}`);
    });
    expect(page).toEqual({ status: 302, body: 'shop.example.test/x?y=1', location: '/login' });
  });

  it('is over in time when the answer drips, never comes, or never ends', async () => {
    const drip = await ask((_request, response) => {
      const timer = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(timer));
    });
    expect(drip).toMatchObject({ status: 0, body: 'no answer within 0.5 seconds' });
    expect(await ask(() => {})).toMatchObject({ status: 0 });
    const endless = await ask((_request, response) => {
      const write = (): boolean => response.writable && response.write('x'.repeat(60_000), write);
      write();
    });
    expect(endless.status).toBe(200);
    expect(endless.body).toHaveLength(512 * 1024);
  });

  it('says why there was no answer', async () => {
    const page = await host.fetch({ address: '127.0.0.1', port: 1, host: 'x.test', path: '/', timeoutMs: 500 });
    expect(page.status).toBe(0);
    expect(page.body).toMatch(/ECONNREFUSED/);
    const bad = await host.fetch({ address: '127.0.0.1', port: 1, host: 'a\nb', path: '/ x', timeoutMs: 500 });
    expect(bad.status).toBe(0);
  });
});

describe('acts for an ordinary user', () => {
  it('work in a root of their own, where that user stands in for root', async () => {
    mkdirSync(policy.paths.config, { mode: 0o755 });
    const path = join(policy.paths.config, 'x.conf');
    expect(await host.act('file.write', { path, text: 'x', mode: 0o600 })).toEqual({ changed: true });
    expect(await host.stat(path)).toMatchObject({ uid: process.geteuid?.(), mode: 0o600 });
    expect(await host.act('file.remove', { path })).toEqual({ removed: true });
  });

  it.each([
    ['above the root', '/etc/passwd'],
    ['the inventory', join(folder, 'inventory.sqlite')],
    ['the lock of the worker', join(folder, 'worker.lock')],
    ['a log of a task', join(policy.paths.taskLogs, '1.ndjson')],
    ['through ..', `${policy.paths.config}/../inventory.sqlite`],
    ['one of the own folders itself', policy.paths.config],
    ['a relative path', 'config/x'],
    ['a doubled slash', `${policy.paths.config}//x`],
    ['a closing slash', `${policy.paths.config}/x/`],
    ['a control character', `${policy.paths.config}/x\n`],
    ['NUL', `${policy.paths.config}/x\0`],
    ['a name that only begins alike', `${policy.paths.config}x/y`],
    ['nothing', ''],
  ])('are refused for a path that is %s', async (_what, path) => {
    const other = join(policy.paths.config, 'other');
    const refused = [
      host.act('file.write', { path, text: '', mode: 0o644 }),
      host.act('file.remove', { path }),
      host.act('link.make', { path, target: other }),
      host.act('link.make', { path: other, target: path }),
      host.act('link.remove', { path }),
      host.act('tree.remove', { path }),
      host.act('tree.seal', { path }),
      host.act('tree.rename', { from: path, to: other }),
      host.act('tree.rename', { from: other, to: path }),
    ];
    for (const act of refused) await expect(act).rejects.toMatchObject({ code: 'ACT_REFUSED' });
  });

  it.each([0o4755, 0o2755, 0o1777, 0o666, 0o777, -1, 0.5, 0o10000])(
    'are refused for a file of mode %o',
    async (mode) => {
      const path = join(policy.paths.config, 'x');
      await expect(host.act('file.write', { path, text: '', mode })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    },
  );

  it.each([
    'mysql',
    'nobody',
    'aegtest',
    'aegtest0',
    'aegtest1x',
    'aegtest01',
    'AEGTEST1',
    'aegtest1234567',
    '',
    'root ',
  ])('are refused for the owner "%s"', async (owner) => {
    const path = join(policy.paths.config, 'x');
    const file = { path, text: '', mode: 0o644 };
    const folder = { path, owner: 'root', group: 'root', mode: 0o755 };
    await expect(host.act('file.write', { ...file, owner })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    await expect(host.act('file.write', { ...file, group: owner })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    await expect(host.act('folder.make', { ...folder, owner })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    await expect(host.act('folder.make', { ...folder, group: owner })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
  });

  it('never remove what is open to a site without that site, nor a folder of the program itself', async () => {
    for (const path of Object.values(policy.paths).filter((path) => path !== '/')) {
      await expect(host.act('tree.remove', { path })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    }
  });
});

/** One request to a web server of the test's own. */
async function ask(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const request = { address: '127.0.0.1', port, host: 'shop.example.test', path: '/x?y=1', timeoutMs: 500 };
  const page = await host.fetch(request);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return page;
}
