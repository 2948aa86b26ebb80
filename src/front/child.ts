import { type ChildProcess, spawn } from 'node:child_process';
import { leaderOf, signalGroup } from '../provision/host/local/processes.ts';
import { SYSTEM_PATH } from '../provision/host/local/system-path.ts';

/**
 * A fixed text: it runs the words after it in a process group of its own, and ends them when its standard input
 * closes, which is when the front dies in whatever way. PHP-FPM leaves the group, so it is told by its own number.
 * The shell itself says nothing: a word to a front that is gone would end it too soon.
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

/** A program that the front has started, with all that it starts itself. */
export interface GuardedChild {
  process: ChildProcess;
  /** True until it has ended. */
  alive(): boolean;
  /** Ends it and its children, and waits. */
  end(): Promise<void>;
}

/** Starts a program that never outlives this process. `onLine` gets what it says; `onEnd` is told when it ends. */
export function startChild(
  words: string[],
  options: { env: Record<string, string>; cwd: string; onOutput?: (text: string) => void; onEnd?: () => void },
): GuardedChild {
  const child = spawn('/bin/sh', ['-c', guard, 'sh', ...words], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: `${process.env.PATH ?? ''}:${SYSTEM_PATH}`, LANG: 'C.UTF-8', ...options.env },
    cwd: options.cwd,
  });
  const leader = leaderOf(child.pid);
  let alive = true;
  const ended = new Promise<void>((resolve) => {
    const over = (): void => {
      if (!alive) return;
      alive = false;
      options.onEnd?.();
      resolve();
    };
    child.on('exit', over);
    child.on('error', over);
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
