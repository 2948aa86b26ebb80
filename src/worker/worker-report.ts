import type { Inventory } from '../db/inventory.ts';
import { listServers } from '../db/servers.ts';
import { findTask } from '../db/tasks.ts';
import { openByState } from '../db/waiting.ts';
import type { Host } from '../provision/host/host.ts';
import { runCommand } from '../provision/host/local/exec.ts';
import { factOfPath } from '../provision/host/local/reads.ts';
import { waitUntil } from '../provision/host/local/wait.ts';
import type { ErrorDocument } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import { BLOCKS_WORKERS, holderText, type WorkerHolder, workerHolder } from './worker-holder.ts';
import { askWorkerUnit, runsSystemd, type UnitFact, WORKER_UNIT } from './worker-unit.ts';

/** Tasks that continue only when some process is the worker. */
export interface WaitingTasks {
  queued: number;
  /** Those that a worker left halfway. */
  interrupted: number;
  /** When the first of them was queued (ISO 8601 UTC), and its description: "verify shop.example.org". */
  since: string | undefined;
  first: string | undefined;
}

/** A problem of the worker. */
export type WorkerTrouble = ErrorDocument;

/** Whether the queue of a root folder is worked on; the only source of that for doctor, status and the console. */
export interface WorkerReport {
  /** True if a process of this program is the worker and not stopped. */
  running: boolean;
  holder: WorkerHolder | undefined;
  /** undefined without systemd, or if its unit belongs to another root folder. */
  unit: UnitFact | undefined;
  waiting: WaitingTasks;
  trouble: WorkerTrouble | undefined;
}

/** The input of a report. `inventory` is missing on a machine that is not set up. */
export interface ReportedRoot {
  paths: RootPaths;
  inventory: Inventory | undefined;
}

type HostQueries = Pick<Host, 'ask' | 'stat'>;
const thisMachine: HostQueries = { ask: runCommand, stat: factOfPath };

/** How long a unit that was just started may take to become the worker. */
const START_MS = 5000;

/** Determines who works on the queue of a root folder, what is waiting, and what is wrong. Changes nothing. */
export async function reportWorker(root: ReportedRoot, host: HostQueries = thisMachine): Promise<WorkerReport> {
  const { paths, inventory } = root;
  const systemd = !isTrial(inventory) && (await runsSystemd(host));
  const unit = systemd ? await askWorkerUnit(host) : undefined;
  const mine = unit?.root === undefined || unit.root === paths.root ? unit : undefined;
  if (mine?.active === 'active') await waitUntil(() => seenHolder(paths, mine) !== undefined, START_MS);
  const holder = seenHolder(paths, mine);
  const running = holder?.ours === true && !holder.paused;
  const waiting = waitingTasks(inventory, running);
  const found = running
    ? unitTrouble(mine, systemd, holder)
    : (holderTrouble(holder, paths, mine) ?? unitTrouble(mine, systemd, undefined) ?? noWorker(systemd, waiting));
  const waitingPart = running ? '' : waitingText(waiting);
  const trouble = found && { ...found, message: [found.message, waitingPart].filter(Boolean).join('; ') };
  return { running, holder, unit: mine, waiting, trouble };
}

/** The holder of the lock; for a user who may not read it, the process that systemd names. */
function seenHolder(paths: RootPaths, unit: UnitFact | undefined): WorkerHolder | undefined {
  try {
    return workerHolder(paths);
  } catch {
    if (unit?.active !== 'active') return undefined;
    return { pid: unit.pid, command: WORKER_UNIT, ours: true, paused: false };
  }
}

const wrong = (code: string, message: string, hint: string): WorkerTrouble => ({ code, message, hint });

/** A process that holds the lock and does no work. */
function holderTrouble(
  holder: WorkerHolder | undefined,
  { workerLock }: RootPaths,
  unit: UnitFact | undefined,
): WorkerTrouble | undefined {
  if (!holder) return undefined;
  const who = holderText(holder);
  if (holder.ours) {
    const message = `${who} is the worker, and was stopped by a signal`;
    return wrong('WORKER_PAUSED', message, `fg in its terminal, or: kill -CONT ${holder.pid}`);
  }
  const message = `${who} ${BLOCKS_WORKERS} with a lock on ${workerLock}`;
  const then = unit?.active === 'active' ? 'the worker then continues automatically' : 'then start a worker';
  const how = holder.pid === undefined ? 'See which, as root: lslocks; end it' : `End it: kill ${holder.pid}`;
  return wrong('WORKER_LOCKED_OUT', message, `${how}; ${then}.`);
}

/** What is wrong with the unit, and which process is the worker in its place. */
function unitTrouble(
  unit: UnitFact | undefined,
  systemd: boolean,
  holder: WorkerHolder | undefined,
): WorkerTrouble | undefined {
  if (!systemd) return undefined;
  const found = unit ? unitState(unit, holder) : notOurs;
  if (!found || !holder || holder.pid === unit?.pid) return found;
  const { message } = found;
  return { ...found, message: `${message}; ${holderText(holder)} is the worker while it runs` };
}

const notOurs = wrong(
  'UNIT_MISSING',
  `${WORKER_UNIT} belongs to another root folder`,
  'Keep "aegir worker" or a console open.',
);

function unitState(unit: UnitFact, holder: WorkerHolder | undefined): WorkerTrouble | undefined {
  const { load, active, sub, result, exit, restarts, enabled, pid } = unit;
  const name = WORKER_UNIT.replace('.service', '');
  const ended = exit === 0 ? result : `${result}, exit code ${exit}`;
  const why = `journalctl -u ${name} -n 50 shows why`;
  if (load === '') return wrong('UNIT_UNKNOWN', 'systemd does not answer', `See: systemctl status ${name}`);
  if (load === 'not-found') return wrong('UNIT_MISSING', `${WORKER_UNIT} does not exist`, 'aegir setup creates it.');
  if (load === 'masked') {
    return wrong('UNIT_MASKED', `${WORKER_UNIT} is masked`, `systemctl unmask ${name}; then aegir setup`);
  }
  if (load !== 'loaded') {
    return wrong('UNIT_INVALID', `systemd cannot use ${WORKER_UNIT} (${load})`, 'aegir setup writes it again.');
  }
  if (active === 'failed') {
    const hint = `${why}; then: systemctl reset-failed ${name} && systemctl start ${name}`;
    return wrong('WORKER_FAILED', `${WORKER_UNIT} has failed (${ended})`, hint);
  }
  if (sub === 'auto-restart' || (active === 'activating' && restarts > 0)) {
    const times = restarts === 0 ? 'once' : `${restarts + 1} times`;
    const message = `${WORKER_UNIT} ends as soon as it has started (${ended}), ${times} so far`;
    return wrong('WORKER_FAILED', message, `${why}; it is restarted automatically.`);
  }
  if (active !== 'active' && active !== 'activating' && active !== 'reloading') {
    const message = `${WORKER_UNIT} is ${active === 'deactivating' ? 'being stopped' : 'stopped'}`;
    return wrong('WORKER_STOPPED', message, `systemctl start ${name}`);
  }
  if (!holder) {
    const message = `${WORKER_UNIT} runs (process ${pid}), but is not the worker yet`;
    return wrong('WORKER_NOT_READY', message, `journalctl -u ${name} -n 50 shows more; systemctl restart ${name}`);
  }
  if (enabled) return undefined;
  return wrong('UNIT_DISABLED', 'the worker is not started at boot', `systemctl enable --now ${name}`);
}

/** The problem that tasks wait and no process is the worker, where systemd starts none. */
function noWorker(systemd: boolean, { queued, interrupted }: WaitingTasks): WorkerTrouble | undefined {
  if (systemd || queued + interrupted === 0) return undefined;
  return wrong('NO_WORKER', 'no process is the worker', 'Open the console, or run: aegir worker');
}

/** True for a trial, which has no unit: its worker is a console or a command. */
const isTrial = (inventory: Inventory | undefined): boolean =>
  inventory !== undefined && listServers(inventory).some(({ uidBase }) => uidBase === 0);

/** The tasks that need a worker to continue. A task that is running while there is no worker was interrupted. */
function waitingTasks(inventory: Inventory | undefined, running: boolean): WaitingTasks {
  const open = inventory ? openByState(inventory).filter(({ state }) => state !== 'running' || !running) : [];
  const queued = open.find(({ state }) => state === 'queued')?.tasks ?? 0;
  const id = Math.min(...open.map((one) => one.first));
  const first = inventory && open.length > 0 ? findTask(inventory, id) : undefined;
  return {
    queued,
    interrupted: open.reduce((all, { tasks }) => all + tasks, 0) - queued,
    since: first?.queuedAt,
    first: first && `${first.type.slice(first.type.indexOf('.') + 1)} ${first.objectName}`,
  };
}

/** "2 tasks wait for a worker (the first verify shop.example.org, for 3 h); 1 of them was interrupted". */
function waitingText({ queued, interrupted, since, first }: WaitingTasks): string {
  const all = queued + interrupted;
  if (all === 0 || since === undefined) return '';
  const which = `(${all === 1 ? '' : 'the first '}${first}, for ${spanText(Date.now() - Date.parse(since))})`;
  const [one, some] = queued === 0 ? [' that was interrupted', ' that were interrupted'] : ['', ''];
  const tasks = all === 1 ? `1 task${one} waits` : `${all} tasks${some} wait`;
  const cut =
    queued === 0 || interrupted === 0
      ? ''
      : `; ${interrupted} of them ${interrupted === 1 ? 'was' : 'were'} interrupted`;
  return `${tasks} for a worker ${which}${cut}`;
}

/** A duration for people: "3 h". */
function spanText(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}
