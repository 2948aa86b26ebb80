import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSite } from '../src/db/sites.ts';
import { openStackRoot, type StackRoot } from '../test/support/inventory.ts';
import { debianTree } from '../test/support/platforms.ts';
import { runTask } from '../test/support/run-task.ts';
import { type Stack, socketOf, startStack } from '../test/support/stack.ts';

/** A site with large contents. */
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

/** Installs WordPress on separate services, fills its uploads and adds a table. Sizes are in bytes. */
export async function makeHeavySite(sizes: {
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
  fillFiles(files, handle, sizes);
  if (sizes.tableBytes > 0) fillTable(socket, database, sizes.tableBytes);
  const stop = async (): Promise<void> => {
    root.inventory.close();
    await stack.stop();
  };
  return { stack, root, uri, handle, database, socket, files, run, stop };
}

/** Files like uploads: half compressed, half text. Other processes write them, since our own memory is measured. */
function fillFiles(folder: string, handle: string, { files, fileBytes }: { files: number; fileBytes: number }): void {
  const each = Math.round(fileBytes / files);
  const months = 20;
  const bytes = Math.round(fileBytes / months);
  const fill = `for month in $(seq ${months}); do mkdir -p "$0/2026/$month"; cd "$0/2026/$month"
    if [ $((month % 2)) = 0 ]; then head -c ${bytes} /dev/urandom; else base64 -w 100 /dev/urandom | head -c ${bytes}; fi |
    split -a 6 -b ${each} - upload-; done; chown -R ${handle}:www-data "$0"`;
  execFileSync('bash', ['-c', fill, folder], { stdio: ['ignore', 'ignore', 'ignore'] });
}

/** Rows of text and numbers, with keys, like real content. */
function fillTable(socket: string, database: string, bytes: number): void {
  const rows = Math.ceil(bytes / 1024);
  const sql = `CREATE TABLE heavy (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(64), words MEDIUMTEXT, KEY (name));
    INSERT INTO heavy (name, words) SELECT md5(seq), CONCAT_WS(' ', ${Array.from({ length: 14 }, (_one, at) => `sha2(seq * ${at + 1}, 256)`).join(', ')},
      'the same words stand in every row of it, as they do in content') FROM seq_1_to_${rows};`;
  execFileSync('mariadb', ['--socket', socket, database, '-e', sql]);
}

/** Runs a shell command and returns its duration in milliseconds. */
export function timeShell(command: string): number {
  const began = performance.now();
  execFileSync('bash', ['-c', `set -eo pipefail; ${command}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  return performance.now() - began;
}

/** Runs the built program; returns its duration in milliseconds and its maximum memory in MB. */
export async function runProgram(root: string, args: string[]): Promise<{ tookMs: number; peakMb: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, ['dist/aegir.js', '--root', root, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakKb = 0;
  // proc(5): VmHWM is the maximum so far, so the last read is enough.
  const looking = setInterval(() => {
    const status = readFileSync(`/proc/${child.pid}/status`, { encoding: 'utf8', flag: 'r' });
    peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 50);
  const code = await new Promise((resolve) => child.once('exit', resolve)).finally(() => clearInterval(looking));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}`);
  return { tookMs: performance.now() - began, peakMb: Math.round(peakKb / 1024) };
}
