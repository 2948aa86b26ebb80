import { basename } from 'node:path';
import type { Host } from '../host/host.ts';
import type { ServiceProcess } from '../host/root-acts.ts';
import type { ServiceState } from './service.ts';

/** The state of a daemon by its pid file: running only if the process with that id is the daemon (proc(5)). */
export async function pidState(host: Host, binary: string, process: ServiceProcess): Promise<ServiceState> {
  const pid = await servicePid(host, process);
  if (pid !== undefined) return 'running';
  return (await host.stat(binary)) ? 'stopped' : 'absent';
}

/** The process id of a running daemon; undefined if the pid file is stale or the id belongs to another program. */
export async function servicePid(host: Host, process: ServiceProcess): Promise<number | undefined> {
  const pid = Number((await host.readText(process.pidFile))?.trim());
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const target = await whileItLives(async () => (await host.stat(`/proc/${pid}/exe`))?.target);
  if (target === undefined) return undefined;
  // After an upgrade this is "/usr/sbin/nginx (deleted)".
  const program = basename(target.replace(/ \(deleted\)$/, ''));
  return program === basename(process.start[0] ?? '') ? pid : undefined;
}

/** When a running daemon wrote its pid file, in milliseconds; 0 when it does not run. */
export async function pidFileMs(host: Host, process: ServiceProcess): Promise<number> {
  if ((await servicePid(host, process)) === undefined) return 0;
  return (await host.stat(process.pidFile))?.modifiedMs ?? 0;
}

/**
 * The children of a process with their titles, found by their parent ids: not every kernel lists a process's children.
 */
export async function childrenOf(host: Host, parent: number): Promise<{ pid: string; title: string }[]> {
  const pids = (await host.list('/proc')).filter((name) => /^[0-9]+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await whileItLives(() => host.readText(`/proc/${pid}/stat`, 512));
      // The name is in brackets and may contain brackets itself, so fields are counted from its end.
      const [state, ppid] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
      if (Number(ppid) !== parent || state === 'Z') return undefined;
      const title = await whileItLives(() => host.readText(`/proc/${pid}/cmdline`, 512));
      return title === undefined ? undefined : { pid, title };
    }),
  );
  return found.filter((child) => child !== undefined);
}

/** Runs a read of a process; undefined if it ended meanwhile, when /proc fails in several ways. */
async function whileItLives<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}
