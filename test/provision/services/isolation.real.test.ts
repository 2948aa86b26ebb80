import { chmodSync, chownSync, existsSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endChildren } from '../../../src/provision/host/local/children.ts';
import { daemonPid } from '../../../src/provision/host/local/daemons.ts';
import { isAlive, processFact } from '../../../src/provision/host/local/processes.ts';
import { waitUntil } from '../../../src/provision/host/local/wait.ts';
import { localHost } from '../../../src/provision/host/makers/local.ts';
import type { ServiceProcess } from '../../../src/provision/host/root-acts.ts';
import { type SiteContext, sitePaths } from '../../../src/provision/model/context.ts';
import { configBefore, publish } from '../../../src/provision/services/publish.ts';
import { standardProgram } from '../../../src/provision/standard.ts';
import { phpBranch, type Stack, startStack } from '../../support/stack.ts';
import { makeSite, sampleConfig, writeTree } from './real-site.ts';
import { samplePhp } from './sample-site.ts';

/** Does for a visitor what a broken-into site would do for its attacker. */
const program = `<?php
$path = $_GET['path'] ?? '';
switch ($_GET['do'] ?? '') {
  case 'who': $answer = [posix_geteuid(), posix_getegid(), posix_getgroups()]; break;
  case 'read': $answer = @file_get_contents($path); break;
  case 'list': $answer = @scandir($path); break;
  case 'include': $answer = (include $path); break;
  case 'write': $answer = @file_put_contents($path, 'x'); break;
  case 'connect': $answer = @stream_socket_client('unix://' . $path) !== false; break;
  case 'link': $answer = @symlink($path, sys_get_temp_dir() . '/link') && @file_get_contents(sys_get_temp_dir() . '/link'); break;
  case 'kill': $answer = posix_kill((int) $path, 0); break;
  case 'has': $answer = function_exists($path); break;
  case 'ini': $answer = ini_get($path); break;
  case 'env': $answer = getenv(); break;
  case 'upload': $answer = array_map(fn($f) => [$f['error'], $f['size'], dirname($f['tmp_name'])], $_FILES); break;
  case 'sleep': for ($i = 0; $i < 60; $i++) { sleep(1); } $answer = 'slept'; break;
  case 'log': error_log('a line of its own'); $answer = true; break;
  case 'session': session_start(); $answer = [session_save_path(), ini_get('session.gc_probability')]; break;
  case 'bear': putenv("AEGIR_TASK=$path"); $answer = (int) shell_exec('sleep 600 >/dev/null 2>&1 </dev/null & echo $!'); break;
  case 'fatal': nosuchfunction();
}
echo json_encode($answer);
`;

let stack: Stack;
let one: SiteContext;
let other: SiteContext;

beforeAll(async () => {
  stack = await startStack({ db: false });
  const php = { memoryMb: 64, uploadMb: 2, children: 3, timeS: 5 };
  one = await makeSite(stack, 1, 'one.example.test', { php });
  other = await makeSite(stack, 2, 'other.example.test');
  writeTree(join(one.platform.root, 'web'), { 'index.php': program });
  for (const site of [one, other]) {
    const { settings, tmp, files } = sitePaths(site);
    writeTree(settings, { 'settings.php': "<?php return 'SECRET';" });
    chownSync(join(settings, 'settings.php'), 0, site.uid);
    chmodSync(join(settings, 'settings.php'), 0o640);
    writeTree(tmp, { sess_x: 'SECRET' }, site.uid);
    writeTree(files, { 'public.txt': 'picture' }, site.uid);
  }
  const change = { write: [one, other].flatMap(sampleConfig), remove: [] };
  await publish(
    { host: stack.host, services: standardProgram.services },
    stack.server,
    change,
    await configBefore(stack.host, change),
  );
}, 60_000);

afterAll(() => stack?.stop());

async function asks(site: SiteContext, what: string, path = ''): Promise<unknown> {
  const page = await stack.fetch(site.uri, `/?do=${what}&path=${encodeURIComponent(path)}`);
  try {
    return JSON.parse(page.body);
  } catch {
    return page.status;
  }
}

const phpOf = ({ paths: { run }, server }: Stack): ServiceProcess => ({
  unit: '',
  pidFile: join(run, 'fpm.pid'),
  start: [String(server.services.find(({ kind }) => kind === 'php')?.settings.binary)],
  reloadSignal: 'SIGUSR2',
  stopSignal: 'SIGQUIT',
  foreground: false,
});

/** Writes what the owner of the machine adds to the pool of the first site, and publishes it. */
async function localPool(text: string): Promise<void> {
  writeFileSync(join(sitePaths(one).local, 'local.pool.conf'), text);
  const change = { write: sampleConfig(one), remove: [] };
  await publish(
    { host: stack.host, services: standardProgram.services },
    stack.server,
    change,
    await configBefore(stack.host, change),
  );
}

/** The same without PHP's own fence: what the Unix user may do. */
const shell = async (site: SiteContext, file: string, ...args: string[]) =>
  (await stack.host.act('user.run', { user: site.handle, file, args, cwd: '/' })).code;

describe('a site runs as its own user', () => {
  it('alone, without other groups', async () => {
    expect(await asks(one, 'who')).toEqual([one.uid, one.uid, [one.uid]]);
    expect(await asks(other, 'who')).toEqual([other.uid, other.uid, [other.uid]]);
  });

  it('and reads its own settings', async () => {
    expect(await asks(one, 'include', join(sitePaths(one).settings, 'settings.php'))).toBe('SECRET');
  });

  it('with an environment that tells nothing of the daemon', async () => {
    const names = Object.keys((await asks(one, 'env')) as object);
    expect(names.filter((name) => /^(AEGIR_TASK|LANG|PWD|SHLVL)$/.test(name))).toEqual([]);
  });
});

describe('a site that was broken into', () => {
  it('reads no settings, sessions or lists of a neighbour', async () => {
    const { settings, tmp, home, files } = sitePaths(other);
    for (const path of [join(settings, 'settings.php'), join(tmp, 'sess_x'), join(files, 'public.txt')]) {
      expect(await asks(one, 'read', path)).toBe(false);
      expect(await asks(one, 'link', path)).toBe(false);
      expect(await shell(one, 'cat', path)).not.toBe(0);
      expect(await shell(other, 'cat', path)).toBe(0);
    }
    for (const path of [home, files, tmp, stack.paths.sites, stack.paths.config]) {
      expect(await asks(one, 'list', path)).toBe(false);
    }
    expect(await shell(one, 'ls', stack.paths.sites)).not.toBe(0);
    expect(await shell(one, 'ls', tmp)).not.toBe(0);
  });

  it("does not read a neighbour's code from the memory that opcache shares", async () => {
    const path = join(sitePaths(other).settings, 'settings.php');
    expect(await asks(other, 'include', path)).toBe('SECRET');
    expect(await asks(one, 'include', path)).not.toBe('SECRET');
    // Without PHP's own fence, and where the folder is open, opcache's check of permissions stands alone.
    const open = join(sitePaths(other).release, 'code.php');
    writeFileSync(open, "<?php return 'SECRET';");
    chownSync(open, 0, other.uid);
    chmodSync(open, 0o640);
    // opcache keeps no file that is younger than two seconds.
    utimesSync(open, 1, 1);
    const noFence = 'php_admin_value[open_basedir] = "/"\n';
    await localPool(noFence);
    expect(await asks(other, 'include', open)).toBe('SECRET');
    expect(await asks(one, 'include', open)).not.toBe('SECRET');
    await localPool(`${noFence}php_admin_value[opcache.validate_permission] = 0\n`);
    expect(await asks(other, 'include', open)).toBe('SECRET');
    expect(await asks(one, 'include', open)).toBe('SECRET');
    await localPool('');
  });

  it("does not learn of a neighbour's code, nor empty the memory of all", async () => {
    for (const name of ['opcache_get_status', 'opcache_reset']) expect(await asks(one, 'has', name)).toBe(false);
    expect(await asks(one, 'has', 'opcache_invalidate')).toBe(true);
  });

  it("does not talk to a neighbour's PHP, nor to its own past the web server", async () => {
    for (const site of [one, other]) {
      const { socket } = samplePhp(site);
      expect(await asks(one, 'connect', socket)).toBe(false);
      const code = `exit(@stream_socket_client('unix://${socket}') === false ? 9 : 0);`;
      expect(await shell(one, `/usr/bin/php${phpBranch()}`, '-r', code)).toBe(9);
    }
  });

  it('changes no code, not even its own', async () => {
    expect(await asks(one, 'write', join(one.platform.root, 'web/index.php'))).toBe(false);
    expect(await asks(one, 'write', join(one.platform.root, 'web/new.php'))).toBe(false);
    expect(await asks(one, 'write', join(sitePaths(one).settings, 'settings.php'))).toBe(false);
    expect(await asks(one, 'write', join(sitePaths(one).files, 'fine.txt'))).toBe(1);
  });

  it("ends no neighbour's process", async () => {
    const master = readFileSync(join(stack.paths.run, 'fpm.pid'), 'utf8').trim();
    expect(await asks(one, 'kill', master)).toBe(false);
  });

  it('ends nobody’s PHP when a worker has died, whatever mark of a task its programs bear', async () => {
    const policy = { ...stack.policy, mark: `${stack.root}#1.secret` };
    const host = localHost(policy);
    const master = daemonPid(phpOf(stack));
    // Code of the site that runs in a task goes on when the worker is dead, in a session of its own, and tells its mark.
    const told = join(sitePaths(one).tmp, 'mark');
    const script = `printenv AEGIR_TASK >${told}; setsid sleep 600 >/dev/null 2>&1 </dev/null & sleep 600`;
    const task = host.act('user.run', { user: one.handle, file: 'sh', args: ['-c', script], cwd: '/' });
    await expect.poll(() => asks(one, 'read', told)).toBe(`${policy.mark}\n`);
    const [mine, theirs] = await Promise.all([asks(one, 'who'), asks(other, 'who')]);
    const bearers = await Promise.all(
      [policy.mark, `${stack.root}#1`, `${stack.root}#`].map((mark) => asks(one, 'bear', mark)),
    );
    const facts = bearers.map((pid) => processFact(Number(pid)));
    expect(facts.map((fact) => fact?.session)).toEqual(facts.map(() => processFact(master ?? 0)?.session));
    // The command with its child, what it has put into a session of its own, and the one that bears the very mark.
    expect(await endChildren(policy.paths)).toBe(4);
    expect((await task).signal).toBe('SIGTERM');
    expect(facts.map((fact) => fact && isAlive(fact))).toEqual([false, true, true]);
    expect(daemonPid(phpOf(stack))).toBe(master);
    expect(await Promise.all([asks(one, 'who'), asks(other, 'who')])).toEqual([mine, theirs]);
    await host.act('user.stop', { user: one.handle });
  });

  it('reads nothing outside of its own folders', async () => {
    for (const path of ['/etc/passwd', '/proc/self/environ', join(stack.paths.etc, 'sites')]) {
      expect(await asks(one, 'read', path)).toBe(false);
    }
  });
});

describe('the limits of a site', () => {
  const upload = (site: SiteContext, size: number) => {
    const head =
      '--x\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\nContent-Type: application/octet-stream\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), Buffer.alloc(size, 'a'), Buffer.from('\r\n--x--\r\n')]);
    const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': String(body.length) };
    return stack.fetch(site.uri, '/index.php?do=upload', { method: 'POST', headers, body });
  };

  it('let a file of exactly the allowed size in, by its own folder for temporary files', async () => {
    const page = await upload(one, 2 * 1024 * 1024);
    expect(JSON.parse(page.body)).toEqual({ f: [0, 2 * 1024 * 1024, sitePaths(one).tmp] });
  });

  it('keep a larger one out, at the door when it is much larger', async () => {
    expect(JSON.parse((await upload(one, 2 * 1024 * 1024 + 1)).body).f[0]).toBe(1);
    expect((await upload(one, 4 * 1024 * 1024)).status).toBe(413);
    expect((await upload(other, 4 * 1024 * 1024)).status).toBe(200);
  });

  it('end a request that only waits, which PHP itself does not count', async () => {
    // FPM ends it, or on a busy machine nginx no longer waits.
    expect([502, 504]).toContain((await stack.fetch(one.uri, '/?do=sleep')).status);
  }, 60_000);
});

describe('lines that the owner of the machine adds to a pool', () => {
  it("go before the program's own, whichever kind they are, and leave with the lines", async () => {
    await localPool(`env[ADDED] = added\nenv[TMPDIR] = /elsewhere\nphp_admin_value[memory_limit] = 99M\n`);
    expect(await asks(one, 'ini', 'memory_limit')).toBe('99M');
    expect(await asks(one, 'env')).toMatchObject({ ADDED: 'added', TMPDIR: '/elsewhere' });
    await localPool(`[${one.handle}]\n`);
    expect(await asks(one, 'ini', 'memory_limit')).toBe('64M');
  });
});

describe('what a site leaves behind', () => {
  it('are sessions in its own folder, which PHP clears away', async () => {
    expect(await asks(one, 'session')).toEqual([sitePaths(one).tmp, '1']);
  });

  it('are lines in its own log, where PHP says what went wrong', async () => {
    expect((await stack.fetch(other.uri, '/?do=fatal')).status).toBe(500);
    expect(await asks(other, 'log')).toBe(true);
    const log = readFileSync(join(sitePaths(other).logs, 'error.log'), 'utf8');
    expect(log).toContain('Call to undefined function nosuchfunction()');
    expect(log).toContain('a line of its own');
    expect(readFileSync(join(sitePaths(other).logs, 'access.log'), 'utf8')).toContain('"GET /?do=fatal');
    expect(readFileSync(join(sitePaths(one).logs, 'error.log'), 'utf8')).not.toContain('nosuchfunction');
  });

  it('is a log that no neighbour reads, and that the web server opens again when it was rotated', async () => {
    const log = join(sitePaths(other).logs, 'access.log');
    expect(await shell(one, 'cat', log)).not.toBe(0);
    renameSync(log, `${log}.1`);
    process.kill(Number(readFileSync(join(stack.paths.run, 'nginx.pid'), 'utf8')), 'SIGUSR1');
    const written = async () => {
      await stack.fetch(other.uri, '/?after');
      return existsSync(log) && readFileSync(log, 'utf8').includes('/?after');
    };
    expect(await waitUntil(written, 5000)).toBe(true);
  });
});
