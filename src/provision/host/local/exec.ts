import type { ChildProcess } from 'node:child_process';
import { execa } from 'execa';
import { cleanText } from '../../model/clean-text.ts';
import type { CommandResult } from '../command-result.ts';
import type { Command } from '../host.ts';
import { startNoted } from './children.ts';
import { collectOutput } from './output.ts';
import { type Leader, leaderOf, signalGroup } from './processes.ts';
import { SYSTEM_PATH } from './system-path.ts';

/** How long a command may take to end after SIGTERM. */
const GRACE_MS = 5000;

/** How long output may stay open after the command has ended, and again after its process group has. */
const STRAY_MS = 500;
const DEAF_MS = 2000;

/**
 * Runs a command in its own process group and session, with only the given environment. Kills the whole group on
 * timeout and abort (SIGTERM, five seconds later SIGKILL), and whatever the command leaves running. The result keeps
 * the last MiB of each stream; `onLine` gets every line. Never throws.
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
      // Bytes, so that a character split between two reads is decoded correctly.
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
    // A command may exit without reading its input, which closes the pipe; that is no error.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  }
  const result = await child;
  // The last line may still be on its way. If the output stays open, endStraysOf closes it.
  if (child.pid !== undefined) await Promise.all([stdout.ended, stderr.ended]);
  stopReading();
  ending.done();
  const { exitCode, signalCode } = child.nodeChildProcess;
  if (child.pid === undefined) {
    return notBegun(undefined, result.originalMessage ?? 'it could not be started');
  }
  return {
    // Execa treats a closed pipe as a failure; only the exit code counts here.
    code: exitCode ?? -1,
    signal: signalCode ?? undefined,
    stdout: stdout.text(),
    stderr: stderr.text(),
    timedOut: ending.timedOut(),
  };
}

/** The last lines of a failed command's output, for an error message. */
export function lastOutput(result: CommandResult, lines = 3): string {
  const printed = `${result.stdout}\n${result.stderr}`.split('\n').filter((line) => line.trim() !== '');
  const output = printed.slice(-lines).map(cleanText).join(' / ');
  const ending = result.timedOut
    ? 'took too long'
    : result.signal
      ? `ended by ${result.signal}`
      : `exit code ${result.code}`;
  return output ? `${output} (${ending})` : ending;
}

const notBegun = (signal: string | undefined, why: string): CommandResult => ({
  code: -1,
  signal,
  stdout: '',
  stderr: why,
  timedOut: false,
});

/**
 * A process that outlives the command can hold its output open forever, and execa would wait for that. So the process
 * group is killed soon after the command ends; output of processes that have left the group is ignored.
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
      // Kills what the command has left in its group.
      signalGroup(leader, 'SIGKILL');
    },
    timedOut: () => late,
  };
}
