import { StringDecoder } from 'node:string_decoder';
import { execa } from 'execa';
import { cleanText } from '../clean-text.ts';
import type { Command, CommandResult } from './host.ts';

/** How much of a command's output is kept for the result: its end. The log gets all of it, line by line. */
const KEPT = 1024 * 1024;
const MAX_PENDING = 64 * 1024;
const GRACE_MS = 5000;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs a command in a process group of its own, with nothing of our environment but what is given. Ends the
 * whole group on time-out and abort: SIGTERM, and SIGKILL five seconds later. Never throws.
 */
export async function runCommand(command: Command): Promise<CommandResult> {
  const { file, args, input, env, cwd, timeoutMs, signal, onLine } = command;
  if (signal?.aborted)
    return { code: -1, signal: 'SIGTERM', stdout: '', stderr: 'stopped before it began', timedOut: false };
  const child = execa(file, args, {
    reject: false,
    buffer: false,
    detached: true,
    extendEnv: false,
    env: { PATH, LANG: 'C.UTF-8', ...env },
    cwd: cwd ?? '/',
    stdin: input === undefined ? 'ignore' : 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const ending = endGroupWhen(child.pid, timeoutMs, signal);
  const stdout = collect(child.stdout, (line) => onLine?.('stdout', line));
  const stderr = collect(child.stderr, (line) => onLine?.('stderr', line));
  if (input !== undefined) {
    // A command that ends without reading its input closes the pipe; that is its own affair.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  }
  const result = await child;
  ending.done();
  return {
    code: result.exitCode ?? -1,
    signal: result.signal,
    stdout: stdout.text(),
    stderr: result.exitCode === undefined && !result.signal ? (result.originalMessage ?? '') : stderr.text(),
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

function collect(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): { text(): string } {
  const decoder = new StringDecoder('utf8');
  let kept = '';
  let pending = '';
  const take = (text: string): void => {
    kept = (kept + text).slice(-KEPT);
    const lines = (pending + text).split(/\r\n|\n|\r/);
    pending = lines.pop() ?? '';
    for (const line of lines) onLine(cleanText(line));
    if (pending.length > MAX_PENDING) {
      onLine(cleanText(pending));
      pending = '';
    }
  };
  stream?.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
  stream?.on('end', () => {
    take(decoder.end());
    if (pending !== '') onLine(cleanText(pending));
    pending = '';
  });
  return { text: () => kept };
}

function endGroupWhen(
  pid: number | undefined,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): { done(): void; timedOut(): boolean } {
  let late = false;
  let killer: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(pid, 'SIGTERM');
    killer = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS);
  };
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          late = true;
          end();
        }, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  return {
    done() {
      clearTimeout(timer);
      clearTimeout(killer);
      signal?.removeEventListener('abort', end);
      // What the command left behind in its group ends with it.
      if (late || signal?.aborted) signalGroup(pid, 'SIGKILL');
    },
    timedOut: () => late,
  };
}

function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // Gone already.
  }
}
