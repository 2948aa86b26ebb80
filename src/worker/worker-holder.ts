import { existsSync } from 'node:fs';
import { outdatedBuild } from '../provision/host/local/build.ts';
import { processFact, titleOf } from '../provision/host/local/processes.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import { tryWorkerLock, workerProcess } from './worker-lock.ts';

/** The process that holds the lock of a root's worker. */
export interface WorkerHolder {
  /** undefined where it is not seen from here: one of another container, or no /proc. */
  pid: number | undefined;
  /** What it was started as: `aegir worker`; of a program that is not ours its whole command line. */
  command: string;
  /** False for a program that is none of ours: it works on no task, and keeps every worker out. */
  ours: boolean;
  /** Stopped by a signal (ctrl-z): it stays the worker and does nothing. */
  paused: boolean;
  /** The build of this program that it runs, where that is another one than on disk. */
  outdated?: string | undefined;
}

/** Of a holder that is none of ours. */
export const KEEPS_OUT = 'is no worker, and keeps every worker out';

/** Who is the worker of a root now; undefined where nobody is. Throws where this user may not look. */
export function workerHolder({ workerLock }: Pick<RootPaths, 'workerLock'>): WorkerHolder | undefined {
  if (!existsSync(workerLock)) return undefined;
  const pid = workerProcess(workerLock);
  if (pid !== undefined) return holderOf(pid);
  const lock = tryWorkerLock(workerLock);
  lock?.release();
  // Where there is no /proc, nobody can be told from a worker.
  return lock ? undefined : { pid: undefined, command: '', ours: process.platform !== 'linux', paused: false };
}

/** True when a process of this program works on the queue of a root; one that was stopped by a signal does not. */
export function workerRuns(paths: Pick<RootPaths, 'workerLock'>): boolean {
  const holder = workerHolder(paths);
  return holder?.ours === true && !holder.paused;
}

/** Who it is, for people: "process 812 (aegir worker)", "this console". */
export function holderText({ pid, command }: Pick<WorkerHolder, 'pid' | 'command'>): string {
  if (pid === undefined) return 'a process that is not seen from here';
  if (pid === process.pid) return isConsole(command) ? 'this console' : 'this process';
  return `process ${pid} (${isConsole(command) ? 'a console' : command || 'without a name'})`;
}

/** A console is the program without words, but for options. */
export const isConsole = (command: string): boolean =>
  command.replaceAll(/ --(?:root|theme|fps)[ =]\S+/g, '').replaceAll(/ -\S+/g, '') === 'aegir';

/** How much of the command line of another program is shown. */
const LONGEST = 80;

function holderOf(pid: number): WorkerHolder {
  const title = titleOf(pid).replaceAll(/\s+/g, ' ');
  // The built program, or its source run as it is.
  const [, words] = /(?:^|\/)node (?:.*\/)?(?:aegir\.js|src\/main\.ts)((?: .*)?)$/.exec(title) ?? [];
  const state = processFact(pid)?.state ?? '';
  return {
    pid,
    command: words === undefined ? title.slice(0, LONGEST) : `aegir${words}`,
    ours: words !== undefined || pid === process.pid,
    // proc_pid_stat(5): T stopped by a signal, t by a tracer.
    paused: state === 'T' || state === 't',
    outdated: outdatedBuild(pid),
  };
}
