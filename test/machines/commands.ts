import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Machine, pause, type Ran, type RunOptions } from './machine.ts';

/** Runs a command that must succeed; its output. */
export async function must(machine: Machine, words: string[], options?: RunOptions): Promise<string> {
  const ran = await machine.run(words, options);
  if (ran.code !== 0) throw new Error(`\`${words.join(' ')}\` ended with ${ran.code}: ${lastWords(ran)}`);
  return ran.stdout;
}

/** The end of what a command said, for a message. */
export const lastWords = ({ stdout, stderr }: Ran): string => `${stdout}\n${stderr}`.trim().slice(-1500);

/** A command line of a document, as a shell reads it. */
export const shell = (machine: Machine, line: string, options?: RunOptions): Promise<string> =>
  must(machine, ['bash', '-c', line], options);

/** A command of the program that must succeed, and what it prints with `--json`. */
export const aegir = (machine: Machine, ...words: string[]): Promise<string> => must(machine, ['aegir', ...words]);
export const aegirJson = async <T>(machine: Machine, ...words: string[]): Promise<T> =>
  JSON.parse(await aegir(machine, ...words, '--json')) as T;

/** What a visitor of the machine sees under a name. Status 0: no answer. */
export async function visit(machine: Machine, name: string, path = '/'): Promise<{ status: number; body: string }> {
  const words = ['curl', '-s', '-m', '60', '-w', '\n%{http_code}', '-H', `Host: ${name}`, `http://127.0.0.1${path}`];
  const { stdout } = await machine.run(words, { seconds: 90 });
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, Math.max(end, 0)) };
}

/** Waits until something holds, and throws with `what` when it does not within `seconds`. */
export async function until(
  what: string,
  seconds: number,
  holds: () => boolean | Promise<boolean>,
  milliseconds = 200,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} seconds`);
    await pause(milliseconds);
  }
}

const project = dirname(dirname(dirname(import.meta.filename)));

/** Words of git(1) on this checkout; what it lists. */
const git = (...words: string[]): string[] =>
  execFileSync('git', words, { cwd: project, encoding: 'utf8', maxBuffer: 1 << 28 })
    .split('\0')
    .filter(Boolean);

/** What is not committed yet. */
const changedFiles = (): string[] => [
  ...git('diff', '--name-only', '-z', '--no-renames', 'HEAD'),
  ...git('ls-files', '-z', '--others', '--exclude-standard'),
];

/** Another one for each state of the program and of what installs it; tests and documents are no part of that. */
export function programHash(): string {
  const isProgram = (name: string): boolean => /^(src|scripts|bin)\/|^package/.test(name);
  const hash = createHash('sha256').update(
    git('ls-tree', '-rz', 'HEAD')
      .filter((line) => isProgram(line.split('\t')[1] ?? ''))
      .join('\0'),
  );
  for (const name of changedFiles().filter(isProgram))
    hash.update(name).update(existsSync(join(project, name)) ? readFileSync(join(project, name)) : '');
  return hash.digest('hex').slice(0, 12);
}

/** Puts this checkout where `git clone … aegir` would: what is committed, and what is not yet. */
export async function checkOut(machine: Machine, folder: string, user = 'root'): Promise<void> {
  const target = join(machine.path, folder);
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', project, target]);
  for (const name of changedFiles()) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    if (existsSync(join(project, name))) copyFileSync(join(project, name), join(target, name));
    else rmSync(join(target, name), { force: true });
  }
  await must(machine, ['chown', '-R', `${user}:${user}`, folder]);
}
