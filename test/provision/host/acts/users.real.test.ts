import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CommandResult } from '../../../../src/provision/host/command-result.ts';
import type { Host } from '../../../../src/provision/host/host.ts';
import { runCommand } from '../../../../src/provision/host/local/exec.ts';
import { processesOfUser } from '../../../../src/provision/host/local/processes.ts';
import { localHost } from '../../../../src/provision/host/makers/local.ts';
import type { Policy } from '../../../../src/provision/host/policy.ts';
import { freshNumber, temporaryPolicy } from '../../../support/policy.ts';

let policy: Policy;
let remove: () => void;
let host: Host;
let user: string;
let uid: number;
let home: string;

beforeAll(() => {
  ({ policy, remove } = temporaryPolicy({ mark: `aegtest-users-${process.pid}#1` }));
  host = localHost(policy);
  user = `aegtest${freshNumber()}`;
  uid = policy.uidBase + 1;
  home = join(policy.paths.sites, user);
});
afterAll(async () => {
  await host.act('user.remove', { user });
  remove();
});

const add = (more: object = {}) => host.act('user.add', { user, uid, home, ...more });
const run = (file: string, args: string[], more: object = {}): Promise<CommandResult> =>
  host.act('user.run', { user, file, args, cwd: '/', ...more });
const passwd = (name = user): string =>
  readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${name}:`)) ?? '';

describe("a site's Unix user", () => {
  it('is made once: locked, without shell, with its own group, and no home is made for it', async () => {
    await add();
    await add();
    expect(passwd()).toBe(`${user}:x:${uid}:${uid}::${home}:/usr/sbin/nologin`);
    expect(readFileSync('/etc/shadow', 'utf8')).toMatch(new RegExp(`^${user}:!`, 'm'));
    expect(readFileSync('/etc/subuid', 'utf8')).not.toContain(user);
    expect(await host.account(user)).toEqual({ uid, gid: uid, home });
    expect(await host.accountOfUid(uid)).toBe(user);
    expect(await host.stat(home)).toBeUndefined();
  });

  it('is not made from a name or a number that somebody has', async () => {
    await expect(add({ uid: uid + 1 })).rejects.toMatchObject({ code: 'USER_TAKEN' });
    await expect(add({ user: `aegtest${freshNumber()}` })).rejects.toMatchObject({ code: 'USER_TAKEN' });
    const stranger = `aegtest${freshNumber()}`;
    execFileSync('groupadd', ['--gid', String(uid + 7), stranger]);
    await expect(add({ user: stranger, uid: uid + 8 })).rejects.toMatchObject({ code: 'USER_TAKEN' });
    await expect(add({ user: `aegtest${freshNumber()}`, uid: uid + 7 })).rejects.toMatchObject({ code: 'USER_TAKEN' });
    await host.act('user.remove', { user: stranger });
  });

  it('is finished after a crash that left its group alone, and so is its removal', async () => {
    const half = `aegtest${freshNumber()}`;
    execFileSync('groupadd', ['--gid', String(uid + 3), half]);
    await add({ user: half, uid: uid + 3 });
    expect(passwd(half)).not.toBe('');
    execFileSync('userdel', [half]);
    execFileSync('groupadd', ['--gid', String(uid + 3), half]);
    await host.act('user.remove', { user: half });
    await host.act('user.remove', { user: half });
    expect(readFileSync('/etc/group', 'utf8')).not.toContain(half);
  });

  it('waits while somebody else writes /etc/passwd', async () => {
    const waiting = `aegtest${freshNumber()}`;
    // The lock of lckpwdf(3) and of shadow-utils: a file with the id of the process that holds it.
    await vi.waitFor(() => writeFileSync('/etc/passwd.lock', `${process.pid}\0`, { flag: 'wx' }), 10_000);
    setTimeout(() => rmSync('/etc/passwd.lock', { force: true }), 1500);
    await add({ user: waiting, uid: uid + 4 });
    expect(passwd(waiting)).not.toBe('');
    await host.act('user.remove', { user: waiting });
  }, 30_000);

  it("is never root, a person, a daemon, or of somebody's range", async () => {
    for (const other of [
      'root',
      'www-data',
      'mysql',
      'aegtest',
      'aegtest0',
      'aegtest-1',
      'aegtest1x',
      '../aegtest1',
      '-r',
    ]) {
      await expect(add({ user: other })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
      await expect(host.act('user.remove', { user: other })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
      await expect(host.act('user.stop', { user: other })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
      await expect(run('id', [], { user: other })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    }
    for (const number of [0, 33, 1000, policy.uidBase, policy.uidBase + 20_001, -1, 1.5]) {
      await expect(add({ user: `aegtest${freshNumber()}`, uid: number })).rejects.toMatchObject({
        code: 'ACT_REFUSED',
      });
    }
    for (const place of [
      '/root',
      '/etc',
      `${policy.paths.sites}/../x`,
      `${home}:0:0`,
      `${home}\n`,
      policy.paths.sites,
    ]) {
      await expect(add({ home: place })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    }
  });

  it('whose name fits but whose number is not ours is left alone', async () => {
    const foreign = `aegtest${freshNumber()}`;
    execFileSync('useradd', ['--system', '--uid', String(policy.uidBase - 5), '--no-create-home', foreign]);
    try {
      await expect(host.act('user.remove', { user: foreign })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
      await expect(run('id', [], { user: foreign })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
      expect(passwd(foreign)).not.toBe('');
    } finally {
      execFileSync('userdel', [foreign]);
    }
  });
});

describe("a command of a site's user", () => {
  it('runs as that user alone, with its own environment and files that others cannot read', async () => {
    mkdirSync(join(policy.paths.sites, 'open'));
    chmodSync(join(policy.paths.sites, 'open'), 0o777);
    const cwd = join(policy.paths.sites, 'open');
    const result = await run('sh', ['-c', 'id -u; id -G; pwd; touch file; mkdir folder; echo "$HOME $USER $GIVEN"'], {
      cwd,
      env: { GIVEN: 'x' },
    });
    expect(result.stdout).toBe(`${uid}\n${uid}\n${cwd}\n${home} ${user} x\n`);
    expect(statSync(join(cwd, 'file'))).toMatchObject({ uid, gid: uid, mode: 0o100640 });
    expect(statSync(join(cwd, 'folder')).mode).toBe(0o040750);
    const variables = (await run('env', [])).stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(variables.sort()).toEqual(['AEGIR_TASK', 'HOME', 'LANG', 'LOGNAME', 'PATH', 'PWD', 'USER']);
    rmSync(cwd, { recursive: true });
  });

  it('has no way back to root, nor to a terminal', async () => {
    expect((await run('setpriv', ['--reuid=0', 'id', '-u'])).code).not.toBe(0);
    // A set-uid program: with no_new_privs it stays what it is.
    const suid = join(policy.paths.root, 'suid');
    execFileSync('cp', ['/usr/bin/id', suid]);
    chmodSync(suid, 0o4755);
    expect((await run(suid, ['-u'])).stdout).toBe(`${uid}\n`);
    expect((await run('cat', ['/etc/shadow'])).code).not.toBe(0);
    expect((await run('grep', ['NoNewPrivs', '/proc/self/status'])).stdout).toMatch(/1$/m);
    expect((await run('grep', ['CapBnd\\|CapEff', '/proc/self/status'])).stdout).toMatch(/CapEff:\s+0+$/m);
    expect((await run('sh', ['-c', 'echo x > /dev/tty'])).code).not.toBe(0);
    expect((await run('kill', ['-0', String(process.pid)])).code).not.toBe(0);
  });

  it('takes its words as they are', async () => {
    const words = ['$(id)', '; id', '-n', 'a b', "'", '"', '\n', '*', '--', '-c'];
    const result = await run('printf', ['%s\\0', ...words]);
    expect(result.stdout).toBe(words.map((word) => `${word}\0`).join(''));
  });

  it('is told where it cannot be, or what is not there', async () => {
    const folder = await run('id', [], { cwd: '/root' });
    expect(folder.code).not.toBe(0);
    expect(folder.stderr).toMatch(/\/root/);
    const missing = await run('/no/such/program', []);
    expect(missing.code).toBe(127);
    await expect(run('id', [], { user: `aegtest${freshNumber()}` })).rejects.toMatchObject({ code: 'USER_MISSING' });
    for (const bad of [
      { cwd: 'relative' },
      { file: '-x' },
      { file: '' },
      { env: { 'A=B': 'x' } },
      { args: ['\0'] },
      { shell: true },
    ]) {
      await expect(run('id', [], bad), JSON.stringify(bad)).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    }
  });

  it('cannot take the mark of its task off, gets its secrets on standard input, and ends with its task', async () => {
    const cheat = await run('sh', ['-c', 'echo $AEGIR_TASK; cat'], { env: { AEGIR_TASK: 'none' } });
    expect(cheat.stdout).toBe(`${policy.mark}\n`);
    const abort = new AbortController();
    const lines: string[] = [];
    const live = { input: 'secret', signal: abort.signal, onLine: (_: string, line: string) => lines.push(line) };
    const running = host.act('user.run', { user, file: 'sh', args: ['-c', 'cat; echo; sleep 60'], cwd: '/' }, live);
    await expect.poll(() => lines).toEqual(['secret']);
    abort.abort();
    expect((await running).signal).toBe('SIGTERM');
    await expect.poll(() => processesOfUser(uid)).toEqual([]);
  });
});

describe('the processes of a user', () => {
  afterEach(() => expect(processesOfUser(uid)).toEqual([]));

  it('end all, those that ignore signals and those that have a session of their own too', async () => {
    const script = 'trap "" TERM HUP INT; setsid sleep 100 & setsid sh -c "trap \\"\\" TERM; sleep 100" & sleep 100';
    const running = run('sh', ['-c', script]);
    await expect.poll(() => processesOfUser(uid).length).toBeGreaterThanOrEqual(3);
    await host.act('user.stop', { user });
    expect((await running).signal).toBe('SIGKILL');
  });

  it('end although they fork faster than anybody can read', async () => {
    const forking = runCommand({
      file: 'setpriv',
      args: [
        `--reuid=${uid}`,
        '--clear-groups',
        '--',
        'sh',
        '-c',
        'ulimit -u 60; f() { while :; do sleep 0.01 & done; }; f 2>/dev/null & f 2>/dev/null',
      ],
    });
    await expect.poll(() => processesOfUser(uid).length).toBeGreaterThan(5);
    await host.act('user.stop', { user });
    await forking;
  }, 20_000);

  it('that serve visitors may end what they do; those that do not are ended, and nothing else is', async () => {
    const worker = (trap: string) => `trap '${trap}' QUIT; exec -a 'php-fpm: pool ${user}' sleep 100`;
    const drain = () => host.act('user.drain', { user, program: '/usr/bin/sleep', waitMs: 1500 });
    const other = run('sleep', ['100']);
    const willing = run('bash', ['-c', worker('-')]);
    await expect.poll(() => processesOfUser(uid).length).toBe(2);
    // Until it is called like a worker of PHP-FPM it is not asked to end.
    await expect.poll(async () => [await drain(), processesOfUser(uid).length]).toEqual([{ ended: 0 }, 1]);
    expect((await willing).signal).toBe('SIGQUIT');
    const stubborn = run('bash', ['-c', worker('')]);
    await expect.poll(() => processesOfUser(uid).length).toBe(2);
    // Until then it may have another name.
    await expect.poll(async () => (await drain()).ended, { timeout: 10_000 }).toBe(1);
    expect((await stubborn).signal).toBe('SIGKILL');
    expect(processesOfUser(uid)).toHaveLength(1);
    await host.act('user.stop', { user });
    await other;
  }, 20_000);

  it('end before the user is removed', async () => {
    const running = run('sleep', ['100']);
    await expect.poll(() => processesOfUser(uid).length).toBeGreaterThan(0);
    await host.act('user.remove', { user });
    expect(passwd()).toBe('');
    await running;
    await host.act('user.stop', { user });
  });
});
