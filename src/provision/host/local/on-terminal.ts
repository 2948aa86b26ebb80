import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { AegirError } from '../../model/errors.ts';
import { hasSiteUsers, type Policy } from '../policy.ts';
import { type UserCommand, userWords } from './as-user.ts';
import { leaderOf, signalGroup } from './processes.ts';
import { SYSTEM_PATH } from './system-path.ts';

/** A command with the person's own standard input and output. */
export interface TerminalCommand {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

const GRACE_MS = 1000;

/** What is passed on when this process is told to end; ctrl-c reaches the command through its terminal. */
const ENDING = ['SIGTERM', 'SIGHUP'] as const;
const KEYS = ['SIGINT', 'SIGQUIT'] as const;

/**
 * Runs a command of a site's user on our standard input and output, and gives its exit code (128 and more for a
 * signal, as shells do).
 *
 * The command never holds our terminal. Whoever holds one can type into it (TIOCSTI, ioctl_tty(2)) and read what is
 * typed later, and ours is root's. So it gets a terminal of its own, which runuser(1) passes on to ours; where input
 * or output is no terminal, it gets what is none as it is, and the rest through pipes, in a session of its own.
 * Where sites have no users it is our own command, on our terminal. Throws `USER_MISSING`, `COMMAND_MISSING`.
 */
export function runUserOnTerminal(policy: Policy, user: string, command: UserCommand): Promise<number> {
  const { file, args, env } = userWords(policy, user, command);
  const words = { args, file, env: { PATH: SYSTEM_PATH, ...env }, cwd: '/' };
  if (!hasSiteUsers(policy)) return runOnTerminal(words);
  if (!isatty(0) || !isatty(1)) return runOnPipes(words);
  // runuser sets variables of root's; env(1) begins with none.
  const clean = ['/usr/bin/env', '-i', ...Object.entries(words.env).map(([name, value]) => `${name}=${value}`)];
  return runOnTerminal({ ...words, file: 'runuser', args: ['--pty', '-u', 'root', '--', ...clean, file, ...args] });
}

/** Runs a command of our own on our terminal and gives its exit code. Throws `COMMAND_MISSING`. */
export function runOnTerminal({ file, args, cwd, env }: TerminalCommand): Promise<number> {
  const child = spawn(file, args, { cwd, env, stdio: 'inherit' });
  return untilEnded(child, file, (signal) => {
    // The keys have reached it already.
    if (signal !== 'SIGTERM' && signal !== 'SIGHUP') return;
    child.kill(signal);
    // A shell that somebody types to does not heed SIGTERM.
    setTimeout(() => child.kill('SIGHUP'), GRACE_MS).unref();
  });
}

function runOnPipes({ file, args, cwd, env }: TerminalCommand): Promise<number> {
  const handed = ([0, 1, 2] as const).map((fd) => (isatty(fd) ? 'pipe' : 'inherit'));
  const child = spawn(file, args, { cwd, env, detached: true, stdio: handed });
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  if (child.stdin) {
    // A command that ends without reading its input closes the pipe; that is its own affair.
    child.stdin.on('error', () => {});
    process.stdin.pipe(child.stdin);
  }
  const leader = leaderOf(child.pid);
  return untilEnded(child, file, (signal) => void signalGroup(leader, signal)).finally(() => {
    if (!child.stdin) return;
    process.stdin.unpipe(child.stdin);
    process.stdin.pause();
  });
}

async function untilEnded(child: ChildProcess, file: string, pass: (signal: NodeJS.Signals) => void): Promise<number> {
  const signals = [...ENDING, ...KEYS];
  for (const signal of signals) process.on(signal, pass);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error) => reject(missing(file, error)));
      child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}

const missing = (file: string, { message }: Error): AegirError =>
  new AegirError('COMMAND_MISSING', `${file} could not be started: ${message}`, `Install it, or see: which ${file}`);
