import type { ChildProcess } from 'node:child_process';
import { execa } from 'execa';
import { cleanText } from '../../model/clean-text.ts';
import type { CommandResult } from '../command-result.ts';
import type { Command } from '../host.ts';
import { startNoted } from './children.ts';
import { collectOutput } from './output.ts';
import { type Leader, leaderOf, signalGroup } from './processes.ts';
import { SYSTEM_PATH } from './system-path.ts';

/** How long a command has to end by itself after SIGTERM. */
const GRACE_MS = 5000;

/** How long output may stay open after the command has ended, and after its group has. */
const STRAY_MS = 500;
const DEAF_MS = 2000;

/**
 * Runs a command in a process group and session of its own, with nothing of our environment but what is given.
 * Ends the whole group on time-out and abort (SIGTERM, and SIGKILL five seconds later), and what the command
 * leaves running when it ends. The result keeps the last MiB of each stream; `onLine` gets every line. Never throws.
 */
export async function runCommand(command: Command): Promise<CommandResult> {
  const { file, args, input, env, cwd, timeoutMs, signal, onLine } = command;
  if (signal?.aborted) return notBegun('SIGTERM', 'stopped before it began');
  const child = startNoted({ PATH: SYSTEM_PATH, LANG: 'C.UTF-8', ...env }, (all) =>
    execa(file, args, {
      reject: false,
      buffer: false,
      detached: true,
      extendEnv: false,
      env: all,
      cwd: cwd ?? '/',
      // Bytes, so that a character cut between two reads is put together again.
      encoding: 'buffer',
      stdin: input === undefined ? 'ignore' : 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
    }),
  );
  const leader = leaderOf(child.pid);
  const stdout = collectOutput(child.stdout, (line) => onLine?.('stdout', line));
  const stderr = collectOutput(child.stderr, (line) => onLine?.('stderr', line));
  const ending = endGroupWhen(leader, timeoutMs, signal);
  const stopReading = endStraysOf(child.nodeChildProcess, leader);
  if (input !== undefined) {
    // A command that ends without reading its input closes the pipe; that is its own affair.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  }
  const result = await child;
  // The last line may still be on its way. Where the output stays open, endStraysOf closes it.
  if (child.pid !== undefined) await Promise.all([stdout.ended, stderr.ended]);
  stopReading();
  ending.done();
  const { exitCode, signalCode } = child.nodeChildProcess;
  if (child.pid === undefined) {
    return notBegun(undefined, result.originalMessage ?? 'it could not be started');
  }
  return {
    // Execa counts a closed pipe as a failure of the command; its own ending is what matters here.
    code: exitCode ?? -1,
    signal: signalCode ?? undefined,
    stdout: stdout.text(),
    stderr: stderr.text(),
    timedOut: ending.timedOut(),
  };
}

/** The last lines of what a failed command said, for an error message. */
export function lastWords(result: CommandResult, lines = 3): string {
  const said = `${result.stdout}\n${result.stderr}`.split('\n').filter((line) => line.trim() !== '');
  const words = said.slice(-lines).map(cleanText).join(' / ');
  const ending = result.timedOut
    ? 'took too long'
    : result.signal
      ? `ended by ${result.signal}`
      : `exit code ${result.code}`;
  return words ? `${words} (${ending})` : ending;
}

const notBegun = (signal: string | undefined, why: string): CommandResult => ({
  code: -1,
  signal,
  stdout: '',
  stderr: why,
  timedOut: false,
});

/**
 * A process that outlives its parent can hold the output open for ever, and execa waits for its end. So the
 * group is ended soon after the command; one that has left the group is no longer listened to.
 */
function endStraysOf(child: ChildProcess, leader: Leader | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    timer = setTimeout(() => {
      signalGroup(leader, 'SIGKILL');
      timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, DEAF_MS);
    }, STRAY_MS);
  });
  return () => clearTimeout(timer);
}

function endGroupWhen(
  leader: Leader | undefined,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): { done(): void; timedOut(): boolean } {
  let late = false;
  let killer: NodeJS.Timeout | undefined;
  const end = (): void => {
    if (killer) return;
    signalGroup(leader, 'SIGTERM');
    killer = setTimeout(() => signalGroup(leader, 'SIGKILL'), GRACE_MS);
  };
  const tooLate = (): void => {
    late = true;
    end();
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(tooLate, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  return {
    done() {
      clearTimeout(timer);
      clearTimeout(killer);
      signal?.removeEventListener('abort', end);
      // What the command left behind in its group ends with it.
      signalGroup(leader, 'SIGKILL');
    },
    timedOut: () => late,
  };
}
