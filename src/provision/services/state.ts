import type { Host } from '../host/host.ts';
import type { ServiceProcess } from '../host/root-acts.ts';
import { basename } from 'node:path';
import type { ServiceState } from './service.ts';

/** State of a daemon by its pid file: running only when the process it names is that daemon (proc(5)). */
export async function pidState(host: Host, binary: string, process: ServiceProcess): Promise<ServiceState> {
  const pid = await servicePid(host, process);
  if (pid !== undefined) return 'running';
  return (await host.stat(binary)) ? 'stopped' : 'absent';
}

/** The process id of a running daemon; undefined for a stale pid file, or one whose number went to another program. */
export async function servicePid(host: Host, process: ServiceProcess): Promise<number | undefined> {
  const pid = Number((await host.readText(process.pidFile))?.trim());
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const target = (await host.stat(`/proc/${pid}/exe`))?.target;
  if (target === undefined) return undefined;
  // An upgraded binary reads "/usr/sbin/nginx (deleted)".
  const program = basename(target.replace(/ \(deleted\)$/, ''));
  return program === basename(process.start[0] ?? '') ? pid : undefined;
}
