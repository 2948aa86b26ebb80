import { existsSync } from 'node:fs';
import { outdatedBuild } from '../provision/host/local/build.ts';
import { processFact, titleOf } from '../provision/host/local/processes.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import { tryWorkerLock, workerProcess } from './worker-lock.ts';

/** The process that holds a root folder's worker lock. */
export interface WorkerHolder {
  /** undefined if it is not visible: in another container, or without /proc. */
  pid: number | undefined;
  /** Its command: `aegir worker`; for another program its whole command line. */
  command: string;
  /** False for another program, which runs no tasks but blocks every worker. */
  ours: boolean;
  /** Stopped by a signal (ctrl-z): it stays the worker but does nothing. */
  paused: boolean;
  /** The build that it runs, if that is not the one on disk. */
  outdated?: string | undefined;
}

/** How messages describe a holder that is another program. */
export const BLOCKS_WORKERS = 'is not a worker, but blocks every worker';

/** The process that holds a root folder's worker lock; undefined if none does. Throws if this user may not read it. */
export function workerHolder({ workerLock }: Pick<RootPaths, 'workerLock'>): WorkerHolder | undefined {
  if (!existsSync(workerLock)) return undefined;
  const pid = workerProcess(workerLock);
  if (pid !== undefined) return holderOf(pid);
  const lock = tryWorkerLock(workerLock);
  lock?.release();
  // Without /proc, other programs cannot be told from a worker.
  return lock ? undefined : { pid: undefined, command: '', ours: process.platform !== 'linux', paused: false };
}

/** True if a process of this program works on the queue of a root folder; a stopped one does not. */
export function workerRuns(paths: Pick<RootPaths, 'workerLock'>): boolean {
  const holder = workerHolder(paths);
  return holder?.ours === true && !holder.paused;
}

/** Names it for people: "process 812 (aegir worker)", "this console". */
export function holderText({ pid, command }: Pick<WorkerHolder, 'pid' | 'command'>): string {
  if (pid === undefined) return 'a process that is not visible from here';
  if (pid === process.pid) return isConsole(command) ? 'this console' : 'this process';
  return `process ${pid} (${isConsole(command) ? 'a console' : command || 'without a name'})`;
}

/** True for the command line of a console: the program without a command, possibly with options. */
export const isConsole = (command: string): boolean =>
  command.replaceAll(/ --(?:root|theme|fps)[ =]\S+/g, '').replaceAll(/ -\S+/g, '') === 'aegir';

/** How much of another program's command line is shown. */
const LONGEST = 80;

function holderOf(pid: number): WorkerHolder {
  const title = titleOf(pid).replaceAll(/\s+/g, ' ');
  // The built program, or its source run directly.
  const [, rest] = /(?:^|\/)node (?:.*\/)?(?:aegir\.js|src\/main\.ts)((?: .*)?)$/.exec(title) ?? [];
  const state = processFact(pid)?.state ?? '';
  return {
    pid,
    command: rest === undefined ? title.slice(0, LONGEST) : `aegir${rest}`,
    ours: rest !== undefined || pid === process.pid,
    // proc_pid_stat(5): T stopped by a signal, t by a tracer.
    paused: state === 'T' || state === 't',
    outdated: outdatedBuild(pid),
  };
}
