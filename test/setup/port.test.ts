import { describe, expect, it } from 'vitest';
import type { FileFact, Host } from '../../src/provision/host/host.ts';
import type { SetupContext } from '../../src/setup/check.ts';
import { portFree } from '../../src/setup/checks/port.ts';

/** What listens on port 80, as /proc and systemd tell it. */
interface Listener {
  pid?: number;
  program?: string;
  cgroup?: string;
  systemd?: boolean;
  /** What systemctl answers. */
  says?: string;
}

const LISTENS =
  '   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100\n';

function machine({ pid, program = 'apache2', cgroup = '', systemd = true, says = '' }: Listener): SetupContext {
  const files: Record<string, string> = {
    '/proc/net/tcp': `  sl  local_address rem_address\n${LISTENS}`,
    [`/proc/${pid}/stat`]: `${pid} (${program}) S 1 ${pid} ${pid} 0`,
    [`/proc/${pid}/cgroup`]: cgroup,
  };
  const links: Record<string, string> = {
    [`/proc/${pid}/fd/4`]: 'socket:[4711]',
    [`/proc/${pid}/exe`]: `/usr/sbin/${program}`,
    ...(systemd ? { '/run/systemd/system': '' } : {}),
  };
  const host: Partial<Host> = {
    readText: async (path) => files[path],
    list: async (path) =>
      path === '/proc'
        ? ['1', 'net', ...(pid && pid > 1 ? [String(pid)] : [])]
        : path === `/proc/${pid}/fd`
          ? ['4']
          : [],
    stat: async (path) => (path in links ? ({ target: links[path] } as FileFact) : undefined),
    ask: async () => ({ code: 0, signal: undefined, stdout: says, stderr: '', timedOut: false }),
  };
  return { host, server: { services: [] }, target: {} } as unknown as SetupContext;
}

describe('a port that is taken', () => {
  it.each<[string, Listener, string]>([
    [
      'by a unit is freed for good by that',
      { pid: 812, cgroup: '0::/system.slice/apache2.service\n' },
      'If it is not needed: systemctl disable --now apache2, then run aegir setup again.',
    ],
    [
      'by a unit on cgroup v1, which a socket would start again',
      {
        ...{ pid: 812, program: 'lighttpd', says: 'TriggeredBy=lighttpd.socket lighttpd.path\n' },
        cgroup: '3:cpu:/x\n1:name=systemd:/system.slice/lighttpd.service\n',
      },
      'If it is not needed: systemctl disable --now lighttpd lighttpd.socket, then run aegir setup again.',
    ],
    [
      'by systemd for a service that waits for its first visitor',
      {
        pid: 1,
        program: 'systemd',
        says: '[::]:9090 cockpit.socket cockpit.service\n[::]:80    web.socket    web.service\n',
      },
      'If it is not needed: systemctl disable --now web.socket, then run aegir setup again.',
    ],
    [
      'for a container, not by the unit of all containers',
      { pid: 812, program: 'docker-proxy', cgroup: '0::/system.slice/docker.service\n' },
      'Stop the container that uses the port: docker ps --filter publish=80, then run aegir setup again.',
    ],
    [
      'by what somebody has started by hand',
      { pid: 812, program: 'caddy', cgroup: '0::/user.slice/user-0.slice/session-3.scope\n' },
      'Stop it, and disable whatever starts it at boot, then run aegir setup again.',
    ],
    [
      'where no systemd runs',
      { pid: 812, systemd: false },
      'Stop it, and make sure that it is not started at boot, then run aegir setup again.',
    ],
  ])('%s', async (_how, listener, hint) => {
    const { pid, program = 'apache2' } = listener;
    expect(await portFree.check(machine(listener))).toMatchObject({
      ...{ code: 'PORT_TAKEN', message: `${program} (process ${pid}) listens on port 80`, hint, warning: false },
    });
  });

  it('by somebody who is not seen is told with how to see him', async () => {
    expect(await portFree.check(machine({}))).toMatchObject({
      hint: expect.stringContaining('ss -ltnp "sport = :80"'),
    });
  });
});
