import { basename } from 'node:path';
import type { Host } from '../../provision/host/host.ts';
import { driverOf } from '../../provision/services/registry.ts';
import type { Check } from '../check.ts';

/** The port of the web server is free, or held by our own. */
export const portFree: Check = {
  id: 'port',
  title: 'Port of the web server',
  async check({ host, server }) {
    const http = server.services.find((service) => service.kind === 'http');
    if (http && (await driverOf(http).state(host, server)) === 'running') return undefined;
    const sockets = await listening(host);
    if (sockets.size === 0) return undefined;
    const holders = await holdersOf(host, sockets);
    // What a killed web server has left in its group is ended when it is started again.
    const noted = Number((await host.readText(String(http?.settings.pidFile)))?.trim());
    if (holders.length > 0 && holders.every(({ group }) => group === noted)) return undefined;
    const [holder] = holders;
    const who = holder ? `${holder.program} (process ${holder.pid})` : 'another program';
    const remedy = holder ? 'Stop it' : 'See which, as root: ss -ltnp "sport = :80"; stop it if it is not needed';
    return {
      code: 'PORT_TAKEN',
      detail: `${who} listens on port 80`,
      remedy: `${remedy}, then run aegir setup again.`,
    };
  },
};

/** What is listened with on port 80: links of open files, `socket:[4711]`. Port in hexadecimal, 0A is LISTEN (proc(5)). */
async function listening(host: Host): Promise<Set<string>> {
  const tables = `${(await host.readText('/proc/net/tcp')) ?? ''}${(await host.readText('/proc/net/tcp6')) ?? ''}`;
  const found = tables.matchAll(/^\s*\d+: [0-9A-F]+:0050 [0-9A-F]+:0000 0A(?:\s+\S+){5}\s+(\d+)/gm);
  return new Set([...found].map(([, inode]) => `socket:[${inode}]`));
}

interface Holder {
  pid: number;
  group: number;
  program: string;
}

/** The processes that hold one of the sockets open, as far as we may look. */
async function holdersOf(host: Host, sockets: ReadonlySet<string>): Promise<Holder[]> {
  const holders: Holder[] = [];
  for (const pid of (await host.list('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      for (const file of await host.list(`/proc/${pid}/fd`)) {
        const target = (await host.stat(`/proc/${pid}/fd/${file}`))?.target;
        if (target === undefined || !sockets.has(target)) continue;
        const stat = (await host.readText(`/proc/${pid}/stat`, 512)) ?? '';
        const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const program = (await host.stat(`/proc/${pid}/exe`))?.target ?? 'a program';
        holders.push({ pid: Number(pid), group: Number(group), program: basename(program) });
        break;
      }
    } catch {
      // Somebody else's process, where we are not root, or one that has just ended.
    }
  }
  return holders;
}
