import { describe, expect, it } from 'vitest';
import type { FileFact, Host } from '../../../../src/provision/host/host.ts';
import { planHost } from '../../../../src/provision/host/makers/plan.ts';

const fact = (kind: FileFact['kind'], more: Partial<FileFact> = {}): FileFact => ({
  kind,
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  modifiedMs: 0,
  ...more,
});

/** A machine with a few files; it fails when anything but a read reaches it. */
const machine: Host = {
  name: 'test',
  planning: false,
  siteUsers: true,
  readText: async (path) => ({ '/etc/site.conf': 'one\ntwo\n', '/etc/keys.php': 'old key\n' })[path],
  stat: async (path) =>
    ({
      '/etc': fact('folder'),
      '/etc/site.conf': fact('file', { mode: 0o644, size: 8 }),
      '/etc/keys.php': fact('file', { mode: 0o640 }),
      '/home': fact('folder', { mode: 0o711 }),
      '/home/link': fact('link', { target: '/etc' }),
    })[path],
  look: async (wanted) => wanted.map(() => ({})),
  open: () => undefined,
  list: async (path) => ({ '/etc': ['keys.php', 'site.conf'], '/home': ['link'] })[path] ?? [],
  account: async (user) => (user === 'aeg1' ? { uid: 5001, gid: 5001, home: '/home' } : undefined),
  accountOfUid: async (uid) => (uid === 5001 ? 'aeg1' : undefined),
  space: async () => ({ bytes: 1, inodes: 1 }),
  ask: async () => ({ code: 0, signal: undefined, stdout: 'asked', stderr: '', timedOut: false }),
  fetch: async () => {
    throw new Error('a page was fetched');
  },
  act: async (verb) => {
    if (verb !== 'db.list') throw new Error(`${verb} was done`);
    return { databases: ['aeg1r1'], accounts: ['aeg1'], version: '10.11' } as never;
  },
};

const socket = '/run/db.sock';

describe('a dry run', () => {
  it('does nothing, and tells all that would be done, with the lines of files that would change', async () => {
    const plan = planHost(machine);
    await plan.act('folder.make', { path: '/home/new', owner: 'root', group: 'root', mode: 0o711 });
    await plan.act('file.write', { path: '/etc/site.conf', text: 'one\n2\n', mode: 0o644 });
    await plan.act('user.add', { user: 'aeg2', uid: 5002, home: '/home/new' });
    await plan.act('db.create', { socket, database: 'aeg2r1' });
    expect(plan.planned().map(({ text, diff }) => [text, diff])).toEqual([
      ['make folder /home/new (root:root 711)', []],
      ['write /etc/site.conf (root:root 644)', ['-two', '+2']],
      ['make user aeg2 (5002), home /home/new', []],
      ['create database aeg2r1', []],
    ]);
    expect(plan.planning).toBe(true);
    expect((await plan.ask({ file: 'nginx', args: ['-v'] })).stdout).toBe('asked');
  });

  it('sees afterwards what it has planned', async () => {
    const plan = planHost(machine);
    await plan.act('user.add', { user: 'aeg2', uid: 5002, home: '/home/new' });
    await plan.act('folder.make', { path: '/home/new', owner: 'aeg2', group: 'aeg2', mode: 0o700 });
    await plan.act('file.write', { path: '/home/new/x.php', text: 'ä', group: 'aeg2', mode: 0o644 });
    await plan.act('link.make', { path: '/home/current', target: '/home/new/x.php' });
    expect(await plan.account('aeg2')).toEqual({ uid: 5002, gid: 5002, home: '/home/new' });
    expect(await plan.accountOfUid(5002)).toBe('aeg2');
    expect(await plan.stat('/home/new')).toMatchObject({ kind: 'folder', uid: 5002, mode: 0o700 });
    expect(await plan.stat('/home/new/x.php')).toMatchObject({ kind: 'file', uid: 0, gid: 5002, size: 2 });
    expect(await plan.stat('/home/current')).toMatchObject({ kind: 'link', target: '/home/new/x.php' });
    expect(await plan.readText('/home/current')).toBe('ä');
    expect(await plan.list('/home')).toEqual(['current', 'link', 'new']);
    expect(await plan.list('/home/new')).toEqual(['x.php']);
    await plan.act('tree.remove', { path: '/home/new', as: 'aeg2' });
    expect(await plan.list('/home')).toEqual(['current', 'link']);
    expect(await plan.readText('/home/new/x.php')).toBeUndefined();
    await plan.act('tree.remove', { path: '/etc' });
    expect(await plan.stat('/etc/site.conf')).toBeUndefined();
    expect(await plan.list('/etc')).toEqual([]);
    await plan.act('user.remove', { user: 'aeg1' });
    expect(await plan.account('aeg1')).toBeUndefined();
    expect(await plan.accountOfUid(5001)).toBeUndefined();
  });

  it('leaves out what would change nothing', async () => {
    const plan = planHost(machine);
    expect(await plan.act('file.write', { path: '/etc/site.conf', text: 'one\ntwo\n', mode: 0o644 })).toEqual({
      changed: false,
    });
    expect(await plan.act('folder.make', { path: '/home', owner: 'root', group: 'root', mode: 0o711 })).toEqual({
      made: false,
    });
    expect(await plan.act('link.make', { path: '/home/link', target: '/etc' })).toEqual({ changed: false });
    expect(await plan.act('file.remove', { path: '/etc/none' })).toEqual({ removed: false });
    expect(await plan.act('tree.remove', { path: '/none' })).toEqual({ removed: false });
    await plan.act('user.add', { user: 'aeg1', uid: 5001, home: '/home' });
    await plan.act('user.remove', { user: 'aeg9' });
    expect(await plan.act('db.drop', { socket, database: 'aeg9r1' })).toEqual({ dropped: false });
    expect(plan.planned()).toEqual([]);
    await plan.act('file.write', { path: '/etc/site.conf', text: 'one\ntwo\n', mode: 0o600 });
    expect(plan.planned()).toMatchObject([{ verb: 'file.write', diff: [] }]);
  });

  it('knows which databases there would be', async () => {
    const plan = planHost(machine);
    await plan.act('db.create', { socket, database: 'aeg2r1' });
    await plan.act('db.account.add', { socket, account: 'aeg2', database: 'aeg2r1' });
    expect(await plan.act('db.drop', { socket, database: 'aeg1r1' })).toEqual({ dropped: true });
    const listed = await plan.act('db.list', { socket, prefix: 'aeg' });
    expect(listed).toEqual({ databases: ['aeg2r1'], accounts: ['aeg1', 'aeg2'], version: '10.11' });
  });

  it('never tells a secret', async () => {
    const plan = planHost(machine);
    await plan.act('file.write', { path: '/etc/keys.php', text: 'canary\nother\n', group: 'aeg1', mode: 0o640 });
    const command = { user: 'aeg1', file: 'php', args: ['install.php'], cwd: '/' };
    expect((await plan.act('user.run', command, { input: 'canary' })).code).toBe(0);
    expect(JSON.stringify(plan.planned())).not.toMatch(/canary|old key/);
    expect(plan.planned()[0]?.diff).toEqual([
      '- (1 line, not shown: others may not read this file)',
      '+ (2 lines, not shown: others may not read this file)',
    ]);
    expect(await plan.readText('/etc/keys.php')).toBe('canary\nother\n');
  });

  it('refuses arguments that no act would take', async () => {
    const plan = planHost(machine);
    const unknown = plan.act('file.write', { path: '/etc/x', text: '', mode: 0o644, secret: 1 } as never);
    await expect(unknown).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    await expect(plan.act('rm -rf /' as never, {} as never)).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    await expect(plan.act('constructor' as never, {} as never)).rejects.toMatchObject({ code: 'ACT_REFUSED' });
  });
});
