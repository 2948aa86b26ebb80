import { must, visit } from './commands.ts';
import type { Machine } from './machine.ts';

export const WORKER = 'aegir-worker';

/** systemd gives the worker so long (TimeoutStopSec of its unit); README and docs promise it. */
const LONGEST_STOP_SECONDS = 90;

/**
 * What happens to a worker that is held still (SIGSTOP) in a step of a task. systemd lets a process that it ends go on
 * (SIGCONT after SIGTERM), so that the signal arrives at that very moment. What the worker has started goes on meanwhile.
 */
export interface WorkerFault {
  title: string;
  /** Lets it happen, and lets a worker run again. `whileAway` is called when the old one is gone, where somebody can look. */
  strike(machine: Machine, whileAway: () => Promise<void>): Promise<void>;
}

export const workerFaults: Record<string, WorkerFault> = {
  stop: {
    title: '`systemctl stop`, then `start`',
    async strike(machine, whileAway) {
      await inTime('systemctl stop', () => systemctl(machine, 'stop', WORKER));
      await whileAway();
      await systemctl(machine, 'start', WORKER);
    },
  },
  restart: {
    title: '`systemctl restart`',
    strike: (machine) => inTime('systemctl restart', () => systemctl(machine, 'restart', WORKER)),
  },
  reboot: {
    title: '`systemctl reboot`',
    async strike(machine) {
      const seconds = await machine.reboot();
      if (seconds > LONGEST_STOP_SECONDS) throw new Error(`the reboot has taken ${seconds} seconds`);
    },
  },
  cut: {
    title: 'SIGKILL of the whole machine, then its start',
    async strike(machine) {
      await machine.cut();
      await machine.up();
    },
  },
};

export async function systemctl(machine: Machine, ...words: string[]): Promise<void> {
  await must(machine, ['systemctl', ...words], { seconds: 200 });
}

async function inTime(what: string, work: () => Promise<void>): Promise<void> {
  const begun = Date.now();
  await work();
  const seconds = (Date.now() - begun) / 1000;
  if (seconds > LONGEST_STOP_SECONDS) throw new Error(`${what} has taken ${seconds} seconds`);
}

/** The worker's process as seen from here. */
export async function workerOf(machine: Machine): Promise<number> {
  const shown = await must(machine, ['systemctl', 'show', '-p', 'MainPID', '--value', WORKER]);
  const pid = machine.outerPid(Number(shown.trim()));
  if (pid === undefined) throw new Error(`${WORKER} does not run`);
  return pid;
}

/** The names, of some, under which visitors are asked for patience. */
export async function waitingNames(machine: Machine, names: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) if ((await visit(machine, name)).status === 503) found.push(name);
  return found;
}
