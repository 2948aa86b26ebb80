import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { saveServer } from '../../src/db/servers.ts';
import type { Host } from '../../src/provision/host/host.ts';
import type { ServerContext } from '../../src/provision/model/context.ts';
import { rootPaths } from '../../src/provision/model/paths.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import type { SetupContext } from '../../src/setup/check.ts';
import { shellHelp } from '../../src/setup/checks/command.ts';
import { inventorySaved } from '../../src/setup/checks/inventory.ts';
import { workerWell } from '../../src/setup/checks/worker-log.ts';
import { debian } from '../../src/setup/families/debian.ts';
import { doctor, planSetup, targetHost } from '../../src/setup/setup.ts';
import { openSetupLog } from '../../src/setup/setup-log.ts';
import type { SetupTarget } from '../../src/setup/target.ts';
import { workerUnit } from '../../src/setup/unit.ts';
import { backupInventory } from '../../src/worker/inventory-backup.ts';
import { openRoot } from '../../src/worker/open-root.ts';
import { noteTrouble } from '../../src/worker/trouble.ts';

let folder: string;
let target: SetupTarget;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegtest-setup-'));
  target = {
    paths: rootPaths(join(folder, 'data')),
    services: standardProgram.services,
    family: debian,
    prefix: join(folder, 'system'),
    program: join(process.cwd(), 'bin/aegir'),
    manual: join(process.cwd(), 'docs/aegir.1'),
    handlePrefix: 'aeg',
    uidBase: 20_000,
  };
  mkdirSync(join(target.prefix, 'etc'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const release = (text: string): void => writeFileSync(join(target.prefix, 'etc/os-release'), text);

describe('setup', () => {
  it('refuses a system that it does not know, and says which it does', async () => {
    release('ID=plan9\nPRETTY_NAME="Plan 9"\n');
    const { findings, acts } = await planSetup(target);
    expect(findings).toEqual([
      expect.objectContaining({
        id: 'system',
        state: 'wrong',
        code: 'SYSTEM_UNSUPPORTED',
        message: 'Plan 9 is not supported',
        stops: true,
      }),
    ]);
    expect(acts).toEqual([]);
  });

  it('warns of a release that was not tried', async () => {
    release('ID=debian\nVERSION_ID="11"\n');
    expect((await doctor(target))[0]).toMatchObject({ id: 'system', state: 'warning', code: 'SYSTEM_UNTRIED' });
  });

  it.each([
    ['debian', '12'],
    ['debian', '13'],
    ['ubuntu', '22.04'],
    ['ubuntu', '24.04'],
  ])('knows %s %s', async (id, version) => {
    release(`ID=${id}\nVERSION_ID="${version}"\n`);
    expect((await doctor(target))[0]).toMatchObject({ id: 'system', state: 'ok' });
  });

  it('shows its plan and changes nothing', async () => {
    release('ID=debian\nVERSION_ID="12"\n');
    const { findings } = await planSetup(target);
    expect(findings.length).toBeGreaterThan(process.getuid?.() === 0 ? 10 : 1);
    expect(existsSync(target.paths.root)).toBe(false);
    expect(readFileSync(join(target.prefix, 'etc/os-release'), 'utf8')).toContain('debian');
  });

  it('looks who has the port before it would install anything, and calls no two rows the same', async () => {
    release('ID=debian\nVERSION_ID="12"\n');
    const findings = await doctor(target);
    const ids = findings.map(({ id }) => id);
    expect(ids.indexOf('port')).toBeLessThan(ids.indexOf('packages'));
    expect(new Set(findings.map(({ title }) => title)).size).toBe(findings.length);
  });

  it('says for everything that is wrong what to do (pain 20)', async () => {
    release('ID=debian\nVERSION_ID="12"\n');
    for (const { state, hint, title } of await doctor(target)) {
      if (state !== 'ok') expect(`${title}: ${hint}`).toMatch(/: .+/);
    }
  });
});

describe('the plan of the first setup', () => {
  /** A machine on which nothing is installed; `apt` is what apt-cache says. */
  const bare = (apt: string): Host => ({
    ...targetHost(target),
    ask: async ({ file }) => ({
      ...{ code: file === 'apt-cache' ? 0 : -1, signal: undefined, stderr: '', timedOut: false },
      stdout: file === 'apt-cache' ? apt : '',
    }),
  });

  it.each([
    ['apt knows no package lists yet', '', '8.2'],
    ['another archive has a newer PHP', 'php-fpm:\n  Installed: (none)\n  Candidate: 2:8.5+97+0~sury\n', '8.5'],
  ])('names each file that it will write, though no service is there yet: %s (needs root)', async (_, apt, branch) => {
    if (process.getuid?.() !== 0) return;
    release('ID=debian\nVERSION_ID="12"\n');
    const { findings, acts } = await planSetup(target, bare(apt));
    const written = acts.filter(({ verb }) => verb === 'file.write');
    const files = written.map(({ check, args }) => [check, String(args.path).replace(`${folder}/`, '')]);
    // The unit of the worker, where systemd runs.
    const worker = ['systemd/system/aegir-worker.service', 'tmpfiles.d/aegir.conf'].map((name) => [
      'worker',
      `system/etc/${name}`,
    ]);
    expect(files).toEqual([
      ['config', `data/config/php/${branch}/aegir.conf`],
      ...['headers.inc', 'denied.inc', 'public.inc', 'php.inc', 'server.conf'].map((name) => [
        'config',
        `data/config/nginx/${name}`,
      ]),
      ['config', 'system/etc/nginx/conf.d/aegir.conf'],
      ['config', `system/etc/php/${branch}/fpm/pool.d/aegir.conf`],
      ['logs', 'system/etc/logrotate.d/aegir'],
      ...(existsSync('/run/systemd/system') ? worker : []),
    ]);
    for (const { text, diff } of written) expect(`${text}: ${diff.length}`).toMatch(/: [1-9]/);
    expect(acts.filter(({ check }) => check === 'default-site').map(({ verb }) => verb)).toEqual(['link.remove']);
    expect(findings.find(({ id }) => id === 'default-pool')?.hint).toContain(`/etc/php/${branch}/fpm/pool.d/www.conf`);
    expect(existsSync(target.paths.root)).toBe(false);
  });
});

describe('what setup tells', () => {
  it('shows what a command says just now, keeps all of it, and its last lines where it fails', () => {
    const [shown, said]: string[][] = [[], []];
    const log = openSetupLog(target.paths, { say: (text) => said?.push(text), progress: (text) => shown?.push(text) });
    log.write('  install nginx');
    for (let line = 1; line <= 40; line += 1) log.heard(`line ${line}`);
    expect(shown?.at(-1)).toBe('line 40');
    expect(said).toEqual([`    Its output goes into ${target.paths.setupLog}`]);
    expect(log.lastOutput()).toEqual([
      ...Array.from({ length: 15 }, (_, line) => `    line ${line + 26}`),
      `  The whole output is in ${target.paths.setupLog}`,
    ]);
    log.forget();
    expect([shown?.at(-1), log.lastOutput()]).toEqual(['', []]);
    const kept = readFileSync(target.paths.setupLog, 'utf8');
    expect(kept).toMatch(/^\S+Z {3}install nginx\n\S+Z {5}line 1\n/);
    expect(kept.split('\n')).toHaveLength(42);
    expect(statSync(target.paths.setupLog).mode & 0o777).toBe(0o600);
  });
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('the unit of the worker', () => {
  it('starts the worker on its root after the services, so that it is stopped before them', () => {
    const unit = workerUnit(target, ['mariadb.service', 'php8.4-fpm.service']);
    expect(unit).toContain('After=network.target mariadb.service php8.4-fpm.service\n');
    expect(unit).toContain('Wants=mariadb.service php8.4-fpm.service\n');
    expect(unit).toContain(`ExecStart=${target.program} worker --root ${target.paths.root}\n`);
    expect(unit).toContain('KillMode=mixed');
  });

  it.skipIf(!hasSystemd)('is accepted by systemd (needs systemd-analyze)', () => {
    const file = join(folder, 'aegir-worker.service');
    writeFileSync(file, workerUnit(target, []));
    expect(spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', file]).status).toBe(0);
  });
});

describe('the manual and the completion of shells', () => {
  const context = (): SetupContext => ({ target, host: targetHost(target), server: {} as ServerContext });
  const inSystem = (path: string): string => join(target.prefix, path);

  it('are put where man and each shell that is installed look for them', async () => {
    mkdirSync(inSystem('usr/bin'), { recursive: true });
    mkdirSync(inSystem('usr/local/share'), { recursive: true });
    writeFileSync(inSystem('usr/bin/zsh'), '');
    expect(await shellHelp.check(context())).toMatchObject({ code: 'HELP_MISSING' });
    await shellHelp.fix?.(context());
    expect(await shellHelp.check(context())).toBeUndefined();
    expect(readlinkSync(inSystem('usr/local/share/man/man1/aegir.1'))).toBe(target.manual);
    expect(readFileSync(inSystem('usr/local/share/zsh/site-functions/_aegir'), 'utf8')).toMatch(/^#compdef aegir\n/);
    expect(existsSync(inSystem('etc/fish'))).toBe(false);
  });

  it('leaves a manual page of somebody else alone', async () => {
    mkdirSync(inSystem('usr/local/share/man/man1'), { recursive: true });
    writeFileSync(inSystem('usr/local/share/man/man1/aegir.1'), 'mine');
    expect(await shellHelp.check(context())).toBeUndefined();
  });
});

describe('doctor', () => {
  it.skipIf(process.getuid?.() !== 0)('says when the inventory was not saved for two days (needs root)', async () => {
    const { paths } = target;
    const { inventory } = openRoot(paths, standardProgram);
    const context: SetupContext = { target, host: targetHost(target), server: {} as ServerContext };
    saveServer(inventory, { name: 'server_master', handlePrefix: 'aeg', uidBase: 20_000, webUser: 'w', services: [] });
    expect(await inventorySaved.check(context)).toBeUndefined();
    inventory.prepare("UPDATE server SET created_at = '2025-01-01T00:00:00.000Z'").run();
    expect(await inventorySaved.check(context)).toMatchObject({
      code: 'INVENTORY_NOT_SAVED',
      message: 'there is none',
    });
    renameSync(
      await backupInventory(inventory, paths),
      join(paths.backups, 'inventory/inventory-20250102T030405Z.sqlite'),
    );
    expect(await inventorySaved.check(context)).toMatchObject({ message: 'the newest is of 2025-01-02T03:04:05Z' });
    await backupInventory(inventory, paths);
    expect(await inventorySaved.check(context)).toBeUndefined();
    inventory.close();
  });

  it.skipIf(process.getuid?.() !== 0)(
    'says what went wrong in the worker within the last day (needs root)',
    async () => {
      const { paths } = target;
      const context: SetupContext = { target, host: targetHost(target), server: {} as ServerContext };
      expect(await workerWell.check(context)).toBeUndefined();
      noteTrouble(paths, 'site.backup a.example.org', new Error('it is broken'));
      const found = await workerWell.check(context);
      expect(found).toMatchObject({ code: 'WORKER_TROUBLED', warning: true });
      expect(found?.message).toContain('site.backup a.example.org');
      writeFileSync(paths.workerLog, '2025-01-01T00:00:00.000Z long ago\n');
      expect(await workerWell.check(context)).toBeUndefined();
    },
  );
});
