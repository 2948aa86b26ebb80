import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rootPaths } from '../../src/provision/model/paths.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import type { Wrong } from '../../src/setup/check.ts';
import { machineRoot } from '../../src/setup/checks/machine-root.ts';
import { debian } from '../../src/setup/families/debian.ts';
import { targetHost } from '../../src/setup/setup.ts';
import type { SetupTarget } from '../../src/setup/target.ts';
import { workerUnit } from '../../src/setup/unit.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

let folder: string;
let target: SetupTarget;
let living: SmallRoot;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegtest-root-'));
  living = openSmallRoot();
  living.site('shop.example.test');
  const [program, manual] = ['/srv/aegir/bin/aegir', '/srv/aegir/docs/aegir.1'];
  target = {
    ...{
      paths: rootPaths('/srv/new'),
      services: standardProgram.services,
      family: debian,
      prefix: folder,
      program,
      manual,
    },
    ...{ handlePrefix: 'aeg', uidBase: 20_000 },
  };
});
afterEach(() => {
  living.remove();
  rmSync(folder, { recursive: true, force: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** What setup leaves for a root, as far as it got. */
function leave(root: string): void {
  put(debian.files.httpInclude, `# Made by aegir setup: the sites.\ninclude "${root}/config/nginx/*.conf";\n`);
  put(
    `${debian.files.phpPools('8.4')}/aegir.conf`,
    `; Made by aegir setup\ninclude = "${root}/config/php/8.4/*.conf"\n`,
  );
  put(debian.files.unit, workerUnit({ ...target, paths: rootPaths(root) }, []));
}

const found = (changed: Partial<SetupTarget> = {}): Promise<Wrong | undefined> => {
  const mine = { ...target, ...changed };
  return machineRoot.check({ target: mine, host: targetHost(mine), server: {} as never });
};

it('a machine without files of setup, or with those of this root, is free', async () => {
  expect(await found()).toBeUndefined();
  leave('/srv/new');
  expect(await found()).toBeUndefined();
});

it('the files of a living server are not replaced by another root: it is said whose they are, and what to do', async () => {
  leave(living.folder);
  const wrong = await found();
  expect(wrong).toMatchObject({ code: 'OTHER_ROOT' });
  expect(wrong?.message).toContain('/etc/nginx/conf.d/aegir.conf');
  expect(wrong?.message).toContain('aegir-worker.service');
  expect(wrong?.message).toMatch(new RegExp(`name the root ${living.folder}, not /srv/new: it has a site$`));
  expect(wrong?.hint).toContain(`aegir --root ${living.folder} setup repairs that server.`);
  expect(wrong?.hint).toContain(`aegir --root /srv/new setup --replace ${living.folder}`);
  expect(machineRoot.stops && !machineRoot.fix).toBe(true);
});

it('a root that is gone, or whose disk is not mounted, is not replaced in silence either', async () => {
  leave('/srv/gone');
  const wrong = await found();
  expect(wrong?.message).toMatch(/name the root \/srv\/gone, not \/srv\/new: there is no inventory$/);
  expect(wrong?.hint).toMatch(/^Mount or restore \/srv\/gone, .*aegir --root \/srv\/new setup --replace \/srv\/gone$/);
});

it('is replaced when that root is named, also where an earlier try came half-way', async () => {
  leave('/srv/gone');
  expect(await found({ replaces: '/srv/other' })).toMatchObject({ code: 'OTHER_ROOT' });
  expect(await found({ replaces: '/srv/gone' })).toBeUndefined();
  put(debian.files.httpInclude, '# Made by aegir setup: the sites.\ninclude "/srv/new/config/nginx/*.conf";\n');
  expect((await found())?.message).not.toContain('nginx');
  expect(await found({ replaces: '/srv/gone' })).toBeUndefined();
});

it('a unit alone says whose machine it is; a file of somebody else does not', async () => {
  put(debian.files.unit, workerUnit({ ...target, paths: rootPaths('/var/aegir') }, []));
  expect((await found())?.message).toMatch(/aegir-worker\.service names the root \/var\/aegir/);
  put(debian.files.unit, '[Service]\nExecStart=/opt/mine worker --root /srv/mine\n');
  put(debian.files.httpInclude, 'include "/srv/mine/config/nginx/*.conf";\n');
  expect(await found()).toBeUndefined();
});
