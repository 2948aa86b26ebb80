import { type ChildProcess, spawn } from 'node:child_process';
import { leaderOf, signalGroup } from '../provision/host/local/processes.ts';
import { SYSTEM_PATH } from '../provision/host/local/system-path.ts';

/**
 * A fixed script: runs the command after it in its own process group, and ends it when standard input closes, which
 * happens however the front dies. PHP-FPM leaves that group, so it is signalled by its process id. The shell itself
 * prints nothing: writing to a dead front would end it too soon.
 */
const guard = `exec 3<&0
"$@" </dev/null 3<&- &
child=$!
exec >/dev/null 2>&1
{ cat <&3 >/dev/null; kill -TERM $child; sleep 3; kill -KILL $child; kill -KILL 0; } &
wait $child
kill -KILL 0`;
/** PHP-FPM ends its children first. */
const END_MS = 5000;

/** A program started by the front, with its child processes. */
export interface GuardedChild {
  process: ChildProcess;
  /** True until it has ended. */
  alive(): boolean;
  /** Ends it and its children, and waits. */
  end(): Promise<void>;
}

/** Starts a program that never outlives this process. `onOutput` receives its output; `onEnd` is called at its end. */
export function startChild(
  command: string[],
  options: { env: Record<string, string>; cwd: string; onOutput?: (text: string) => void; onEnd?: () => void },
): GuardedChild {
  const child = spawn('/bin/sh', ['-c', guard, 'sh', ...command], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: `${process.env.PATH ?? ''}:${SYSTEM_PATH}`, LANG: 'C.UTF-8', ...options.env },
    cwd: options.cwd,
  });
  const leader = leaderOf(child.pid);
  let alive = true;
  const ended = new Promise<void>((resolve) => {
    const finish = (): void => {
      if (!alive) return;
      alive = false;
      options.onEnd?.();
      resolve();
    };
    child.on('exit', finish);
    child.on('error', finish);
  });
  child.stdin?.on('error', () => {});
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => options.onOutput?.(text));
    stream?.on('error', () => {});
  }
  return {
    process: child,
    alive: () => alive,
    async end() {
      child.stdin?.end();
      const late = setTimeout(() => signalGroup(leader, 'SIGKILL'), END_MS);
      await ended;
      clearTimeout(late);
    },
  };
}
