import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rootPaths } from '../../src/provision/paths.ts';
import { debian } from '../../src/setup/families/debian.ts';
import { doctor, planSetup } from '../../src/setup/setup.ts';
import type { SetupTarget } from '../../src/setup/target.ts';
import { workerUnit } from '../../src/setup/unit.ts';

let folder: string;
let target: SetupTarget;

beforeEach(() => {
  folder = mkdtempSync('/tmp/aegtest-setup-');
  target = {
    paths: rootPaths(join(folder, 'data')),
    family: debian,
    prefix: join(folder, 'system'),
    program: join(process.cwd(), 'bin/aegir'),
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
        detail: 'Plan 9 is not supported',
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

  it('says for everything that is wrong what to do', async () => {
    release('ID=debian\nVERSION_ID="12"\n');
    for (const { state, remedy, title } of await doctor(target)) {
      if (state !== 'ok') expect(`${title}: ${remedy}`).toMatch(/: .+/);
    }
  });
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('the unit of the worker', () => {
  it('starts the worker on its root and lets running tasks end', () => {
    const unit = workerUnit(target);
    expect(unit).toContain(`ExecStart=${target.program} worker --root ${target.paths.root}\n`);
    expect(unit).toContain('KillMode=mixed');
  });

  it.skipIf(!hasSystemd)('is accepted by systemd (needs systemd-analyze)', () => {
    const file = join(folder, 'aegir-worker.service');
    writeFileSync(file, workerUnit(target));
    expect(spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', file]).status).toBe(0);
  });
});
