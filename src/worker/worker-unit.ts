import type { Host } from '../provision/host/host.ts';

/** The systemd unit that runs the worker of a server. */
export const WORKER_UNIT = 'aegir-worker.service';

/** What systemd says of that unit (systemctl(1), org.freedesktop.systemd1(5)). */
export interface UnitFact {
  /** `loaded`, `not-found`, `masked`, `bad-setting`, `error`. */
  load: string;
  /** `active`, `inactive`, `failed`, `activating`, `deactivating`. */
  active: string;
  /** `auto-restart` between an end and the next start. */
  sub: string;
  /** Why it has ended last: `success`, `exit-code`, `start-limit-hit`. */
  result: string;
  /** Exit code of its last end. */
  exit: number;
  /** How often systemd has started it again by itself. */
  restarts: number;
  /** True where it is started at boot. */
  enabled: boolean;
  /** Its process; 0 without one. */
  pid: number;
  /** The root that its command names. */
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

/** Asks systemd; undefined where it does not run. What it does not say is ''. */
export async function askWorkerUnit(host: Pick<Host, 'ask' | 'stat'>): Promise<UnitFact | undefined> {
  if (!(await runsSystemd(host))) return undefined;
  const args = ['show', `--property=${Object.values(properties).join(',')}`, '--', WORKER_UNIT];
  const { stdout } = await host.ask({ file: 'systemctl', args, timeoutMs: 10_000 });
  const said = (name: keyof typeof properties): string =>
    new RegExp(`^${properties[name]}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const number = (name: keyof typeof properties): number => Number(said(name)) || 0;
  return {
    load: said('load'),
    active: said('active'),
    sub: said('sub'),
    result: said('result'),
    exit: number('exit'),
    restarts: number('restarts'),
    enabled: said('enabled').startsWith('enabled'),
    pid: number('pid'),
    root: / --root (\S+)/.exec(said('start'))?.[1],
  };
}

/** Where systemd is the init system, this is there (sd_booted(3)). */
export const runsSystemd = async (host: Pick<Host, 'stat'>): Promise<boolean> =>
  (await host.stat('/run/systemd/system')) !== undefined;
