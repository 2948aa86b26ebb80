import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { program } from '../support/program.ts';
import { type Seeded, seedInventory, writeLog } from '../support/seed-inventory.ts';

let folder = '';
let seeded: Seeded;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-reader-'));
  const logLines = Array.from({ length: 20_000 }, (_, line) => `line ${line} of a long log`);
  seeded = seedInventory(folder, { logLines });
});
afterAll(() => {
  seeded.db.close();
  rmSync(folder, { recursive: true, force: true });
});

it('a reader that takes only the first lines is no fault', () => {
  const line = `'${process.execPath}' '${program}' --root '${folder}' task log ${seeded.running} | head -3; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout.split('\n').slice(0, 4)).toEqual([
    ...[0, 1, 2].map((number) => expect.stringContaining(`line ${number} of`)),
    '0',
  ]);
});

it('what would print for ever ends when its reader has gone', async () => {
  const args = [program, '--root', folder, 'task', 'log', String(seeded.running), '--follow'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  writeLog(seeded.paths, seeded.running, ['one more line']);
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});
