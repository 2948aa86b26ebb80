import { basename } from 'node:path';
import type { Host } from '../../provision/host/host.ts';
import type { Services } from '../../provision/services/services.ts';
import { runsSystemd } from '../../worker/worker-unit.ts';
import type { Check, SetupContext } from '../check.ts';

/**
 * The web server's port is free, or used by our own. Checked before anything is installed: the service could not start.
 */
export const portFree: Check = {
  id: 'port',
  title: 'Port of the web server',
  stops: true,
  async check({ host, server, target }) {
    const port = portOf(server);
    const [holder] = await strangersOn(port, host, server, target.services);
    if (!holder) return undefined;
    const asRoot = process.getuid?.() === 0;
    const who =
      holder.pid !== 0
        ? `${holder.program} (process ${holder.pid})`
        : asRoot
          ? 'another program'
          : 'a program that is only visible to root';
    return {
      code: 'PORT_TAKEN',
      message: `${who} listens on port ${port}`,
      hint: `${await wayOut(host, holder, port)}, then run aegir setup again.`,
      // It may be our own.
      warning: !asRoot && holder.pid === 0,
    };
  },
};

/** Processes that use the port and are not our web server. */
async function strangersOn(
  port: number,
  host: Host,
  server: SetupContext['server'],
  services: Services,
): Promise<Holder[]> {
  const sockets = await listening(host, port);
  if (sockets.size === 0) return [];
  const http = server.services.find((service) => service.kind === 'http');
  const running = http !== undefined && (await services.of(http).state(host, server)) === 'running';
  // Remains of a killed web server, in its process group, are ended when it is started again.
  const noted = Number((await host.readText(String(http?.settings.pidFile)))?.trim());
  const program = basename(String(http?.settings.binary ?? ''));
  const holders = await processesWith(host, sockets);
  // Ordinary users see only their own processes, and nobody sees into other containers.
  if (holders.length === 0) return running ? [] : [{ pid: 0, group: 0, program: '' }];
  return holders.filter((one) => one.group !== noted && !(running && one.program === program));
}

/** The port of the web server; 80 if there is none yet. */
function portOf({ services }: SetupContext['server']): number {
  const listen = services.find((service) => service.kind === 'http')?.settings.listen;
  return Number(/(\d+)$/.exec(String(Array.isArray(listen) ? listen[0] : ''))?.[1] ?? 80);
}

/**
 * The listening sockets of a port, as link targets such as `socket:[4711]`. The port is in hexadecimal, and 0A is
 * LISTEN (proc(5)).
 */
async function listening(host: Host, port: number): Promise<Set<string>> {
  const tables = `${(await host.readText('/proc/net/tcp')) ?? ''}${(await host.readText('/proc/net/tcp6')) ?? ''}`;
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const line = new RegExp(`^\\s*\\d+: [0-9A-F]+:${hex} [0-9A-F]+:0000 0A(?:\\s+\\S+){5}\\s+(\\d+)`, 'gm');
  return new Set([...tables.matchAll(line)].map(([, inode]) => `socket:[${inode}]`));
}

interface Holder {
  /** 0 if it is not visible. */
  pid: number;
  group: number;
  program: string;
}

async function processesWith(host: Host, sockets: ReadonlySet<string>): Promise<Holder[]> {
  const holders: Holder[] = [];
  for (const pid of (await host.list('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      for (const file of await host.list(`/proc/${pid}/fd`)) {
        const target = (await host.stat(`/proc/${pid}/fd/${file}`))?.target;
        if (target === undefined || !sockets.has(target)) continue;
        const stat = (await host.readText(`/proc/${pid}/stat`, 512)) ?? '';
        const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const program = (await host.stat(`/proc/${pid}/exe`))?.target ?? 'a program';
        holders.push({
          pid: Number(pid),
          group: Number(group),
          program: basename(program.replace(/ \(deleted\)$/, '')),
        });
        break;
      }
    } catch {
      // Another user's process, if we are not root, or one that has just ended.
    }
  }
  return holders;
}

/** How to free the port permanently, also after the next boot. */
async function wayOut(host: Host, { pid, program }: Holder, port: number): Promise<string> {
  if (pid === 0) return `Find it as root: ss -ltnp "sport = :${port}"; stop it if it is not needed`;
  // These hold ports for containers, and belong to the unit of the container manager.
  if (/^(docker-proxy|rootlessport|conmon)$/.test(program))
    return `Stop the container that uses the port: ${program === 'docker-proxy' ? 'docker' : 'podman'} ps --filter publish=${port}`;
  if (!(await runsSystemd(host))) return 'Stop it, and make sure that it is not started at boot';
  const units = await unitsOf(host, pid, port);
  if (units.length === 0) return 'Stop it, and disable whatever starts it at boot';
  return `If it is not needed: systemctl disable --now ${units.join(' ')}`;
}

/** The units that start the port's owner, at boot or on demand: the service, and its sockets. */
async function unitsOf(host: Host, pid: number, port: number): Promise<string[]> {
  const ask = async (...args: string[]): Promise<string> =>
    (await host.ask({ file: 'systemctl', args: ['--no-pager', ...args], timeoutMs: 10_000 })).stdout;
  if (pid === 1) {
    // With socket activation systemd itself listens, and starts the service on the first connection.
    const lines = (await ask('list-sockets', '--all', '--no-legend')).split('\n');
    return [...new Set(lines.filter((line) => new RegExp(`:${port}\\s`).test(line)).map(socketUnit))].filter(Boolean);
  }
  // With cgroup v1 the line of systemd's own hierarchy, with v2 the only line (cgroups(7)).
  const groups = (await host.readText(`/proc/${pid}/cgroup`)) ?? '';
  const [, service] = /^(?:0:|\d+:name=systemd):\S*\/system\.slice\/(?:\S*\/)?([^/\s]+\.service)$/m.exec(groups) ?? [];
  if (service === undefined) return [];
  const triggers = /^TriggeredBy=(.*)$/m.exec(await ask('show', '--property=TriggeredBy', '--', service))?.[1] ?? '';
  const sockets = triggers.split(' ').filter((unit) => unit.endsWith('.socket'));
  return [service.replace(/\.service$/, ''), ...sockets];
}

const socketUnit = (line: string): string => /\S+\.socket\b/.exec(line)?.[0] ?? '';
