import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSite } from '../src/db/sites.ts';
import { openStackRoot, type StackRoot } from '../test/support/inventory.ts';
import { debianTree } from '../test/support/platforms.ts';
import { runTask } from '../test/support/run-task.ts';
import { type Stack, socketOf, startStack } from '../test/support/stack.ts';

/** A site with as much in it as a bench wants. */
export interface HeavySite {
  stack: Stack;
  root: StackRoot;
  uri: string;
  handle: string;
  database: string;
  socket: string;
  /** Its shared files. */
  files: string;
  run(type: string, object: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Installs a real WordPress on services of its own, fills its uploads and adds a table. Sizes in bytes. */
export async function makeHeavySite(wish: {
  files: number;
  fileBytes: number;
  tableBytes: number;
}): Promise<HeavySite> {
  const stack = await startStack();
  const root = openStackRoot(stack);
  const uri = 'heavy.example.test';
  const run = async (type: string, object: string, args: Record<string, unknown> = {}) => {
    const task = await runTask(root, type, object, args, 3600);
    if (task.state !== 'succeeded') throw new Error(`${type}: ${task.error?.message}`);
    return task.result;
  };
  await run('platform.add', 'code', { from: `path:${await debianTree(stack.root, 'wordpress')}` });
  await run('site.install', uri, { platform: 'code', title: 'Heavy', adminMail: 'a@example.test' });
  const { handle, databaseName: database } = findSite(root.inventory, uri) ?? { handle: '', databaseName: '' };
  const socket = socketOf(stack);
  const files = join(stack.paths.sites, handle, 'data/files');
  fillFiles(files, handle, wish);
  if (wish.tableBytes > 0) fillTable(socket, database, wish.tableBytes);
  const stop = async (): Promise<void> => {
    root.inventory.close();
    await stack.stop();
  };
  return { stack, root, uri, handle, database, socket, files, run, stop };
}

/** As uploads are: half of them are packed already, half are text. By other processes, for our own memory is measured. */
function fillFiles(folder: string, handle: string, { files, fileBytes }: { files: number; fileBytes: number }): void {
  const each = Math.round(fileBytes / files);
  const months = 20;
  const bytes = Math.round(fileBytes / months);
  const fill = `for month in $(seq ${months}); do mkdir -p "$0/2026/$month"; cd "$0/2026/$month"
    if [ $((month % 2)) = 0 ]; then head -c ${bytes} /dev/urandom; else base64 -w 100 /dev/urandom | head -c ${bytes}; fi |
    split -a 6 -b ${each} - upload-; done; chown -R ${handle}:www-data "$0"`;
  execFileSync('bash', ['-c', fill, folder], { stdio: ['ignore', 'ignore', 'ignore'] });
}

/** Rows of words and numbers, with keys, as content is. */
function fillTable(socket: string, database: string, bytes: number): void {
  const rows = Math.ceil(bytes / 1024);
  const sql = `CREATE TABLE heavy (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(64), words MEDIUMTEXT, KEY (name));
    INSERT INTO heavy (name, words) SELECT md5(seq), CONCAT_WS(' ', ${Array.from({ length: 14 }, (_one, at) => `sha2(seq * ${at + 1}, 256)`).join(', ')},
      'the same words stand in every row of it, as they do in content') FROM seq_1_to_${rows};`;
  execFileSync('mariadb', ['--socket', socket, database, '-e', sql]);
}

/** Runs a shell command; milliseconds. */
export function timeShell(command: string): number {
  const began = performance.now();
  execFileSync('bash', ['-c', `set -eo pipefail; ${command}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  return performance.now() - began;
}

/** Runs our program as it is shipped; milliseconds, and the most memory it took, in MB. */
export async function runProgram(root: string, words: string[]): Promise<{ tookMs: number; peakMb: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, ['dist/aegir.js', '--root', root, ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakKb = 0;
  // proc(5): what it has been at most, so that the last look counts.
  const looking = setInterval(() => {
    const said = readFileSync(`/proc/${child.pid}/status`, { encoding: 'utf8', flag: 'r' });
    peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(said)?.[1] ?? 0));
  }, 50);
  const code = await new Promise((resolve) => child.once('exit', resolve)).finally(() => clearInterval(looking));
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${String(code)}`);
  return { tookMs: performance.now() - began, peakMb: Math.round(peakKb / 1024) };
}
