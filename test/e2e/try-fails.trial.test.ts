import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processFact } from '../../src/provision/host/local/processes.ts';
import { waitUntil } from '../../src/provision/host/local/wait.ts';
import { rootPaths } from '../../src/provision/model/paths.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { makeTrial } from '../../src/setup/trial.ts';
import { WASM } from '../../src/setup/wasm-packages.ts';
import { barePath } from '../support/bare-path.ts';
import { program } from '../support/program.ts';
import { trialCache } from '../support/trial.ts';

const project = process.cwd();
const node = join(project, 'node_modules/node/bin/node');
/** What npm 9 says of a `file:` among overrides. */
const REFUSED = 'npm ERR! Invalid comparator: file:./nothing\nnpm ERR! A complete log of this run is in: /x';
const NO_NETWORK = 'npm ERR! code ENOTFOUND\nnpm ERR! errno ENOTFOUND\nnpm ERR! network request failed';

let home: string;
let bin: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'aegtest-'));
  // No PHP, and an npm of the test's own.
  bin = barePath(home, ['sh', 'env', 'sleep']);
}, 120_000);

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('a try that fails while its PHP is fetched', () => {
  it('tells what npm says and blames no network; can be stopped and removed', () => {
    npm(`printf '%s\\n' '${REFUSED}' >&2; exit 1`);
    const failed = aegir('refused', 'try', '--detach');
    expect(failed.stderr).toContain('NPM_FAILED npm pack: Invalid comparator: file:./nothing.');
    expect(failed.stderr).not.toContain('network');
    expect(existsSync(join(home, 'refused'))).toBe(true);
    expect(aegir('refused', 'try', '--stop')).toMatchObject({ status: 0, stderr: '' });
    expect(aegir('refused', 'try', '--remove', '--yes')).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(join(home, 'refused'))).toBe(false);
  }, 60_000);

  it('blames the network where it is the network, and goes on when that is back', () => {
    npm(`printf '%s\\n' '${NO_NETWORK}' >&2; exit 1`);
    expect(aegir('offline', 'try', '--detach').stderr).toMatch(/DOWNLOAD_FAILED .*ENOTFOUND.* Check the network\./);
    // Another answer is another answer, not "this is no trial".
    npm(`printf '%s\\n' 'npm error code E404' 'npm error 404 Not Found' >&2; exit 1`);
    const refused = aegir('offline', 'try', '--detach').stderr;
    expect(refused).toContain('DOWNLOAD_FAILED');
    expect(refused).toContain('npm config get registry');
    expect(aegir('offline', 'try', '--remove', '--yes').status).toBe(0);
  }, 60_000);

  it('takes nothing that is not what was tried', () => {
    const [first] = WASM.packages;
    npm(`while [ "$1" != --pack-destination ]; do shift; done
cd "$2"; for name in ${WASM.packages.map(({ name, version }) => `${name.replace('@', '').replace('/', '-')}-${version}.tgz`).join(' ')}; do echo other > "$name"; done`);
    const failed = aegir('other', 'try', '--detach');
    expect(failed.stderr).toContain(`DOWNLOAD_FAILED ${first?.name} ${first?.version} has the checksum sha512-`);
    expect(readdirSync(join(home, 'other/cache'))).toEqual([]);
    expect(aegir('other', 'try', '--remove', '--yes').status).toBe(0);
  }, 60_000);

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'is taken away after %s',
    async (signal) => {
      const mark = join(home, `npm-runs-${signal}`);
      npm(`echo $$ > '${mark}'; exec sleep 300`);
      const child = start(signal, 'try', '--detach');
      await waitUntil(() => existsSync(mark), 20_000);
      child.kill(signal);
      await ended(child);
      const pid = Number(readFileSync(mark, 'utf8'));
      // What is asked to end ends its npm; nothing can after SIGKILL, and what is left of npm holds up nothing.
      if (signal === 'SIGTERM')
        expect({ code: child.exitCode, npm: processFact(pid)?.state ?? 'Z' }).toEqual({ code: 130, npm: 'Z' });
      else process.kill(pid, 'SIGKILL');
      expect(aegir(signal, 'try', '--remove', '--yes')).toMatchObject({ status: 0, stderr: '' });
      expect(existsSync(join(home, signal))).toBe(false);
    },
    60_000,
  );
});

describe('a try that is killed while it fetches the code of a CMS', () => {
  it('is gone on with: what it has begun is undone first', async () => {
    const folder = join(home, 'killed');
    const made = await makeTrial({ ...rootPaths(folder), cache: trialCache }, standardProgram, { php: 'wasm' });
    made.inventory.close();
    const mark = join(home, 'npm-fetches');
    npm(`echo $$ > '${mark}'; exec sleep 300`);
    const child = start('killed', 'try', '--detach', '--from', 'npm:cms@1.0.0');
    expect(await waitUntil(() => existsSync(mark), 60_000)).toBe(true);
    child.kill('SIGKILL');
    await ended(child);
    const again = aegir('killed', 'try', '--detach', '--from', 'archive:/nowhere.zip').stderr;
    expect(again).toMatch(/NO_SOURCE .*\/nowhere\.zip/);
    expect(processFact(Number(readFileSync(mark, 'utf8')))?.state ?? 'Z').toBe('Z');
    expect(aegir('killed', 'platform', 'list', '--json').stdout.trim()).toBe('[]');
    expect(aegir('killed', 'try', '--remove', '--yes')).toMatchObject({ status: 0, stderr: '' });
  }, 180_000);
});

const npm = (text: string): void => writeFileSync(join(bin, 'npm'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

const words = (name: string, given: string[]): string[] => [program, ...['--root', join(home, name)], ...given];

const env = (): NodeJS.ProcessEnv => ({ PATH: bin, HOME: home });

function aegir(name: string, ...given: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(node, words(name, given), {
    ...{ cwd: '/', encoding: 'utf8', timeout: 60_000, env: env() },
  });
  return { status, stdout, stderr };
}

const start = (name: string, ...given: string[]): ChildProcess =>
  spawn(node, words(name, given), { cwd: '/', stdio: 'ignore', env: env() });

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.on('exit', () => resolve());
  });
