import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

const module = `${process.cwd()}/src/worker/worker-lock.ts`;
const sqlite = `${process.cwd()}/node_modules/better-sqlite3/lib/index.js`;

/** Code that takes the lock on `process.argv[1]` into `globalThis.lock`: as the program does. */
const AS_NOW = `globalThis.lock = (await import(${JSON.stringify(module)})).tryWorkerLock(process.argv[1]);`;

/** As the program did before the lock was its owner's alone. */
export const AS_OF_BEFORE = `globalThis.lock = new (await import(${JSON.stringify(sqlite)})).default(process.argv[1]);
  lock.exec('BEGIN EXCLUSIVE');`;

/** As any other user may who can read the file: a read lock, which is enough to keep a worker out. */
export const asStranger = (uid: number): string =>
  `const sqlite = (await import(${JSON.stringify(sqlite)})).default; new sqlite(':memory:').close();
  process.setgroups([]); process.setgid(${uid}); process.setuid(${uid});
  globalThis.lock = new sqlite(process.argv[1], { readonly: true, timeout: 60_000 });
  lock.exec('BEGIN'); lock.prepare('SELECT count(*) FROM sqlite_schema').all();`;

/** Starts a process that tries to take the lock; `holds` says whether it has it. It is ended with the test. */
export async function heldBy(file: string, code = AS_NOW): Promise<{ child: ChildProcess; holds: boolean }> {
  const script = `${code}\nconsole.log(globalThis.lock !== undefined); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, file], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = await new Promise<string>((resolve) => {
    child.stdout.once('data', (text: Buffer) => resolve(text.toString()));
    child.once('exit', () => resolve('ended'));
  });
  return { child, holds: said === 'true\n' };
}

/** A process that holds the lock. */
export async function holder(file: string, code?: string): Promise<ChildProcess> {
  const { child, holds } = await heldBy(file, code);
  if (!holds) throw new Error('it was held already');
  return child;
}
