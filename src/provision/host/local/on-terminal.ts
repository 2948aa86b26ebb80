import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { AegirError } from '../../model/errors.ts';
import { hasSiteUsers, type Policy } from '../policy.ts';
import { type CommandWithCwd, commandAsUser } from './as-user.ts';
import { leaderOf, signalGroup } from './processes.ts';
import { SYSTEM_PATH } from './system-path.ts';

/** A command that gets the person's own standard input and output. */
export interface TerminalCommand {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

const GRACE_MS = 1000;

/** Signals passed on to the command; ctrl-c reaches it through its terminal. */
const ENDING = ['SIGTERM', 'SIGHUP'] as const;
const KEYS = ['SIGINT', 'SIGQUIT'] as const;

/**
 * Runs a command of a site's user on our standard input and output, and returns its exit code (128 plus the number for
 * a signal, as shells do).
 *
 * The command never gets our terminal: any process with access to it can insert input (TIOCSTI, ioctl_tty(2)) and read
 * what is typed later, and ours belongs to root. So it gets a terminal of its own, which runuser(1) connects to ours;
 * if input or output is not a terminal, it gets that as it is and the rest as pipes, in a session of its own. Where
 * sites have no users, the command runs as ours, on our terminal. Throws `USER_MISSING`, `COMMAND_MISSING`.
 */
export function runUserOnTerminal(policy: Policy, user: string, command: CommandWithCwd): Promise<number> {
  const { file, args, env } = commandAsUser(policy, user, command);
  const asUser = { args, file, env: { PATH: SYSTEM_PATH, ...env }, cwd: '/' };
  if (!hasSiteUsers(policy)) return runOnTerminal(asUser);
  if (!isatty(0) || !isatty(1)) return runOnPipes(asUser);
  // runuser sets root's variables; env(1) starts with an empty environment.
  const clean = ['/usr/bin/env', '-i', ...Object.entries(asUser.env).map(([name, value]) => `${name}=${value}`)];
  return runOnTerminal({ ...asUser, file: 'runuser', args: ['--pty', '-u', 'root', '--', ...clean, file, ...args] });
}

/** Runs a command as our user on our terminal and returns its exit code. Throws `COMMAND_MISSING`. */
export function runOnTerminal({ file, args, cwd, env }: TerminalCommand): Promise<number> {
  const child = spawn(file, args, { cwd, env, stdio: 'inherit' });
  return untilEnded(child, file, (signal) => {
    // The terminal has already sent these to the command.
    if (signal !== 'SIGTERM' && signal !== 'SIGHUP') return;
    child.kill(signal);
    // An interactive shell ignores SIGTERM.
    setTimeout(() => child.kill('SIGHUP'), GRACE_MS).unref();
  });
}

function runOnPipes({ file, args, cwd, env }: TerminalCommand): Promise<number> {
  const handed = ([0, 1, 2] as const).map((fd) => (isatty(fd) ? 'pipe' : 'inherit'));
  const child = spawn(file, args, { cwd, env, detached: true, stdio: handed });
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  if (child.stdin) {
    // A command may exit without reading its input, which closes the pipe; that is no error.
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
  new AegirError('COMMAND_MISSING', `${file} could not be started: ${message}`, `Install it, or check: which ${file}`);
