import type { Host } from '../provision/host/host.ts';

/** The systemd unit that runs the worker of a server. */
export const WORKER_UNIT = 'aegir-worker.service';

/** Facts about that unit from systemd (systemctl(1), org.freedesktop.systemd1(5)). */
export interface UnitFact {
  /** `loaded`, `not-found`, `masked`, `bad-setting`, `error`. */
  load: string;
  /** `active`, `inactive`, `failed`, `activating`, `deactivating`. */
  active: string;
  /** `auto-restart` while it waits for its next start. */
  sub: string;
  /** Why it last ended: `success`, `exit-code`, `start-limit-hit`. */
  result: string;
  /** Exit code of its last end. */
  exit: number;
  /** How often systemd has restarted it. */
  restarts: number;
  /** True if it is started at boot. */
  enabled: boolean;
  /** Its process id; 0 without one. */
  pid: number;
  /** The root folder in its command. */
  root: string | undefined;
}

const properties = {
  load: 'LoadState',
  active: 'ActiveState',
  sub: 'SubState',
  result: 'Result',
  exit: 'ExecMainStatus',
  restarts: 'NRestarts',
  enabled: 'UnitFileState',
  pid: 'MainPID',
  start: 'ExecStart',
} as const;

/** Queries systemd; undefined if it is not running. Missing facts are ''. */
export async function askWorkerUnit(host: Pick<Host, 'ask' | 'stat'>): Promise<UnitFact | undefined> {
  if (!(await runsSystemd(host))) return undefined;
  const args = ['show', `--property=${Object.values(properties).join(',')}`, '--', WORKER_UNIT];
  const { stdout } = await host.ask({ file: 'systemctl', args, timeoutMs: 10_000 });
  const property = (name: keyof typeof properties): string =>
    new RegExp(`^${properties[name]}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const number = (name: keyof typeof properties): number => Number(property(name)) || 0;
  return {
    load: property('load'),
    active: property('active'),
    sub: property('sub'),
    result: property('result'),
    exit: number('exit'),
    restarts: number('restarts'),
    enabled: property('enabled').startsWith('enabled'),
    pid: number('pid'),
    root: / --root (\S+)/.exec(property('start'))?.[1],
  };
}

/** True if systemd is the init system: its folder exists then (sd_booted(3)). */
export const runsSystemd = async (host: Pick<Host, 'stat'>): Promise<boolean> =>
  (await host.stat('/run/systemd/system')) !== undefined;
