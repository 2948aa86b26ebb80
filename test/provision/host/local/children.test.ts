import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { asChildrenOf, endChildren, forgetChildren } from '../../../../src/provision/host/local/children.ts';
import { runCommand } from '../../../../src/provision/host/local/exec.ts';
import { isAlive, processFact } from '../../../../src/provision/host/local/processes.ts';
import type { Policy } from '../../../../src/provision/host/policy.ts';
import { onThread } from '../../../../src/provision/host/streams/on-thread.ts';
import { temporaryPolicy } from '../../../support/policy.ts';

const node = process.execPath;
const LIVE = 'setInterval(() => {}, 1000)';

let policy: Policy;
let remove: () => void;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegtest-children-'));
  ({ policy, remove } = temporaryPolicy({ uidBase: 0 }));
  policy.mark = `${policy.paths.root}#7.word`;
});
afterEach(() => {
  remove();
  rmSync(folder, { recursive: true, force: true });
});

const notes = () => join(policy.paths.run, 'children');

/** A line a command. */
const notedLines = (): string[] => {
  const note = join(notes(), '7.word');
  return existsSync(note) ? readFileSync(note, 'utf8').trim().split('\n').slice(1) : [];
};

/** Runs JavaScript as a command of the task whose worker is about to die. */
const command = (code: string, args: string[] = []) =>
  asChildrenOf(policy, () => runCommand({ file: node, args: ['-e', code, ...args] }));

/** A process of somebody else; it is ended with the test. */
function somebody(env: Record<string, string>, code = LIVE, args: string[] = []): ChildProcess {
  const child = spawn(node, ['-e', code, ...args], { env, detached: true, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** The number that a process writes into a file. */
async function numberIn(name: string): Promise<number> {
  const file = join(folder, name);
  await expect.poll(() => statSync(file, { throwIfNoEntry: false })?.size ?? 0).toBeGreaterThan(0);
  const pid = Number(readFileSync(file, 'utf8'));
  onTestFinished(() => {
    if (processFact(pid)) process.kill(pid, 'SIGKILL');
  });
  return pid;
}

const lives = (pid: number | undefined): boolean => {
  const fact = processFact(pid ?? 0);
  return fact !== undefined && isAlive(fact);
};

it('are ended with all that is in their session, also what heeds no signal and has dropped its variables', async () => {
  const mine = command(LIVE);
  const stubborn = command(
    `process.on('SIGTERM', () => {}); const { spawn } = require('child_process');
     const { pid } = spawn('sleep', ['77'], { env: {} }); require('fs').writeFileSync(process.argv[1], String(pid)); ${LIVE}`,
    [join(folder, 'inner')],
  );
  const inner = await numberIn('inner');
  expect(await endChildren(policy.paths)).toBe(3);
  expect((await mine).signal).toBe('SIGTERM');
  expect((await stubborn).signal).toBe('SIGKILL');
  expect(lives(inner)).toBe(false);
  expect(await endChildren(policy.paths)).toBe(0);
  expect(readdirSync(notes())).toEqual([]);
}, 15_000);

it('are noted also where a thread starts them', async () => {
  const end = (name: string, ...args: string[]) => ({ name, file: name, args, env: {} });
  const copied = asChildrenOf(policy, () =>
    onThread({ what: 'copy', from: end('sleep', '76'), into: end('cat') }, {}).catch((error: Error) => error.message),
  );
  await expect.poll(() => notedLines().length).toBe(2);
  expect(await endChildren(policy.paths)).toBe(2);
  expect(await copied).toMatch(/^(sleep|cat) failed/);
});

it('are ended also where they have a session of their own, by the mark that they bear', async () => {
  const ended = command(
    `const { pid } = require('child_process').spawn('sleep', ['78'], { detached: true, stdio: 'ignore' });
     require('fs').writeFileSync(process.argv[1], String(pid)); process.exit(0);`,
    [join(folder, 'daemon')],
  );
  const daemon = await numberIn('daemon');
  await ended;
  expect(lives(daemon)).toBe(true);
  expect(await endChildren(policy.paths)).toBe(1);
  expect(lives(daemon)).toBe(false);
});

it('are not those who share a group or a session with somebody who bears the mark', async () => {
  const task = command(LIVE);
  // As a site's program does that is started by PHP-FPM: in the group and the session of the master of all sites.
  const marked = `const { spawn } = require('child_process');
    const env = { AEGIR_TASK: process.argv[2] };
    require('fs').writeFileSync(process.argv[1], String(spawn('sleep', ['79'], { env }).pid)); ${LIVE}`;
  const master = somebody({}, marked, [join(folder, 'marked'), policy.mark]);
  const inner = await numberIn('marked');
  expect(await endChildren(policy.paths)).toBe(2);
  await task;
  expect(lives(inner)).toBe(false);
  expect(lives(master.pid)).toBe(true);
});

it('are not those who bear another mark: one that is guessed, of another root, or of a task that has ended', async () => {
  const { root } = policy.paths;
  const task = command(LIVE);
  const guesses = [`${root}#7`, `${root}#`, `${root}#7.word2`, `${root}x#7.word`, '#7.word', ''];
  const others = guesses.map((mark) => somebody({ AEGIR_TASK: mark }));
  await expect.poll(() => others.every(({ pid }) => lives(pid))).toBe(true);
  expect(await endChildren(policy.paths)).toBe(1);
  await task;
  expect(others.map(({ pid }) => lives(pid))).toEqual(guesses.map(() => true));
  const over = new AbortController();
  const late = asChildrenOf(policy, () => runCommand({ file: node, args: ['-e', LIVE], signal: over.signal }));
  forgetChildren(policy.paths, policy.mark);
  expect(await endChildren(policy.paths)).toBe(0);
  over.abort();
  expect((await late).signal).toBe('SIGTERM');
});

it('are not those who have got the number of one that is gone, or had it before the machine was started', async () => {
  const ended = command('');
  await ended;
  const other = somebody({});
  const { started = '' } = processFact(other.pid ?? 0) ?? {};
  const note = join(notes(), '7.word');
  const [head, line = ''] = readFileSync(note, 'utf8').trim().split('\n');
  const [, , boot] = line.split(' ');
  writeFileSync(note, `${head}\n${other.pid} ${Number(started) - 1} ${boot}\n${other.pid} ${started} other-boot\n`);
  expect(await endChildren(policy.paths)).toBe(0);
  expect(lives(other.pid)).toBe(true);
  writeFileSync(note, `${head}\n${other.pid} ${started} ${boot}\n`);
  expect(await endChildren(policy.paths)).toBe(1);
});

it('are noted where nobody else can read', async () => {
  const umask = process.umask(0);
  onTestFinished(() => void process.umask(umask));
  await command('');
  expect(statSync(notes()).mode & 0o777).toBe(0o700);
  expect(statSync(join(notes(), '7.word')).mode & 0o777).toBe(0o600);
});

it('are ended by one of them without ending itself or what it was started by', async () => {
  const children = new URL('../../../../src/provision/host/local/children.ts', import.meta.url);
  const worker = `const { endChildren } = await import(${JSON.stringify(children)});
    require('child_process').spawn('sleep', ['88']); console.log(await endChildren(JSON.parse(process.argv[1])), 'alive');`;
  const parent = `const { status, stdout } = require('child_process')
    .spawnSync(process.execPath, ['--input-type=module', '-e', process.argv[1], process.argv[2]]);
    console.log(status, String(stdout));`;
  const source = `import { createRequire } from 'node:module'; const require = createRequire('/');${worker}`;
  const result = await command(parent, [source, JSON.stringify(policy.paths)]);
  expect(result.stdout.trim()).toBe('0 1 alive');
});
