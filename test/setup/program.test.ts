import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lutimesSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildOnDisk, buildsInUse } from '../../src/provision/host/local/build.ts';
import { outdatedPrograms } from '../../src/setup/checks/program.ts';

let dist = '';
const started: ChildProcess[] = [];

beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), 'aegtest-dist-'));
  for (const id of ['1.0.0-a', '1.0.0-b']) {
    mkdirSync(join(dist, 'builds', id), { recursive: true });
    for (const file of ['aegir.js', 'front.js'])
      writeFileSync(join(dist, 'builds', id, file), `process.stdout.write('ready'); setInterval(() => {}, 1000);`);
  }
  symlinkSync('builds/1.0.0-b/aegir.js', join(dist, 'aegir.js'));
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(dist, { recursive: true, force: true });
});

/** Starts what a build is made of, as the program starts it. */
async function start(script: string, ...words: string[]): Promise<number> {
  const child = spawn(process.execPath, [join(dist, script), ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

// What runs is seen in /proc.
it.runIf(process.platform === 'linux')(
  'doctor names what runs another build than is installed (needs Linux)',
  async () => {
    expect(buildOnDisk(dist)).toBe('1.0.0-b');
    await start('builds/1.0.0-b/aegir.js', 'worker');
    await start('aegir.js');
    expect(outdatedPrograms(dist)).toBeUndefined();
    const worker = await start('builds/1.0.0-a/aegir.js', 'worker', '--root', '/r');
    const console = await start('builds/1.0.0-a/aegir.js', '--root', '/r');
    const front = await start('builds/1.0.0-a/front.js', '/r/config/front');
    const wrong = outdatedPrograms(dist);
    expect(wrong).toMatchObject({ code: 'PROGRAM_OUTDATED', warning: true });
    expect(wrong?.message).toMatch(/^1\.0\.0-b is installed; /);
    expect(wrong?.message).toContain(`process ${worker} (aegir worker --root /r) runs 1.0.0-a`);
    expect(wrong?.message).toContain(`process ${console} (a console) runs 1.0.0-a`);
    expect(wrong?.message).toContain(`process ${front} (front) runs 1.0.0-a`);
    expect(wrong?.hint).toMatch(/worker restarts .* U in a console reopens it\. .*aegir try --stop/);
    expect(buildsInUse(dist)).toEqual(new Set(['1.0.0-a', '1.0.0-b']));
  },
);

it.runIf(process.platform === 'linux')('and what was started before there were builds (needs Linux)', async () => {
  const worker = await start('aegir.js', 'worker');
  const later = Date.now() / 1000 + 60;
  lutimesSync(join(dist, 'aegir.js'), later, later);
  expect(outdatedPrograms(dist)).toMatchObject({
    message: `1.0.0-b is installed; process ${worker} (aegir worker) runs an earlier one`,
    hint: 'A worker of an older version: systemctl restart aegir-worker.',
  });
});
