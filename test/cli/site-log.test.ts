import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findSite } from '../../src/db/sites.ts';
import { program } from '../support/program.ts';
import { runWordsHere, type Said } from '../support/run-words.ts';
import { type Seeded, seedInventory } from '../support/seed-inventory.ts';

let folder = '';
let logs = '';
let seeded: Seeded;
const uri = 'blog.example.test';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-site-log-'));
  seeded = seedInventory(folder);
  logs = join(folder, 'log', findSite(seeded.db, uri)?.handle ?? '');
  mkdirSync(logs, { recursive: true });
  const at = '2026/11/23 10:00:00';
  writeFileSync(join(logs, 'error.log'), `${at} [error] 7#7: *1 first\n${at} [warn] 7#7: *2 \u001b[2Jsecond\n`);
  writeFileSync(join(logs, 'access.log'), Array.from({ length: 200 }, (_, line) => `line ${line}\n`).join(''));
});
afterAll(() => {
  seeded.db.close();
  rmSync(folder, { recursive: true, force: true });
});

const words = (...given: string[]): string[] => ['--root', folder, 'site', 'log', ...given];
const run = (...given: string[]): Promise<Said> => runWordsHere(...words(...given));

it('site log prints the log of errors, and nothing in it steers the terminal', async () => {
  const { stdout } = await run(uri);
  expect(stdout.split('\n')).toHaveLength(3);
  expect(stdout).toContain('first');
  expect(stdout).not.toContain('\u001b');
});

it('prints another by its name, as many lines as are asked for', async () => {
  expect((await run(uri, 'access', '--lines', '2')).stdout).toBe('line 198\nline 199\n');
  expect((await run(uri, 'access.log')).stdout.split('\n')).toHaveLength(51);
});

it('is a document with --json', async () => {
  expect(JSON.parse((await run(uri, '--json')).stdout)).toMatchObject([
    { level: 'error', text: expect.stringContaining('first') },
    { level: 'warning' },
  ]);
});

it('names the logs that there are, and the nearest site', async () => {
  expect(await run(uri, 'php')).toMatchObject({ status: 4, stderr: expect.stringContaining('error.log, access.log') });
  expect(await run('bolg.example.test')).toMatchObject({
    status: 4,
    stderr: expect.stringContaining(`Did you mean ${uri}`),
  });
});

it('goes on with --follow, through rotation, until it is ended', async () => {
  const child = spawn(process.execPath, [program, ...words(uri, 'access', '--lines', '1', '--follow')]);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await expect.poll(() => said, { timeout: 10_000 }).toBe('line 199\n');
  appendFileSync(join(logs, 'access.log'), 'line 200\n');
  await expect.poll(() => said, { timeout: 10_000 }).toBe('line 199\nline 200\n');
  renameSync(join(logs, 'access.log'), join(logs, 'access.log.1'));
  writeFileSync(join(logs, 'access.log'), 'line 201\n');
  await expect.poll(() => said, { timeout: 10_000 }).toMatch(/line 201\n$/);
  child.kill('SIGTERM');
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
});
