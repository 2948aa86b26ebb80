import { spawn } from 'node:child_process';
import {
  chownSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { cleanText } from '../../model/clean-text.ts';
import { AegirError } from '../../model/errors.ts';
import { checkPlain, ownUid, refuse } from '../policy.ts';
import type { ServiceProcess } from '../root-acts.ts';
import { accountOf, groupId } from './accounts.ts';
import { isAlive, processFact, processIds, programOf, sendSignal, usersOf } from './processes.ts';
import { SYSTEM_PATH } from './system-path.ts';
import { waitUntil } from './wait.ts';

/** MariaDB may have to repair its tables as it starts. */
const START_MS = 120_000;
/** Long requests may finish and large buffers be flushed; MariaDB is never killed. */
const STOP_MS = 120_000;
/** On SIGQUIT nginx waits for its last connection; after this time it gets SIGTERM. */
const GENTLE_MS = 20_000;
/** Nothing waits for the leftovers of a killed daemon. */
const LEFT_MS = 3000;

/** The only daemons that are started as root. `runUser` owns the run folder where the daemon needs that. */
const daemons: { program: RegExp; runUser?: string }[] = [
  { program: /^nginx$/ },
  { program: /^php-fpm[0-9.]*$/ },
  { program: /^(mariadbd|mysqld)$/, runUser: 'mysql' },
];

/**
 * Checks that a service's program is a known daemon, and that only root can replace it. Throws `ACT_REFUSED`,
 * `SERVICE_ABSENT`.
 */
export function checkDaemon(service: ServiceProcess): void {
  const file = service.start[0] ?? '';
  checkPlain(file);
  if (!daemons.some(({ program }) => program.test(basename(file)))) refuse(`${file} is not a known service`);
  if (!existsSync(file)) {
    throw new AegirError('SERVICE_ABSENT', `${file} is not installed`, 'aegir setup installs it.');
  }
  for (let path = realpathSync(file); ; path = dirname(path)) {
    const { uid, mode } = lstatSync(path);
    if ((uid !== 0 && uid !== ownUid()) || (mode & 0o022) !== 0)
      refuse(`${path} can be changed by users other than root`);
    if (path === '/') return;
  }
}

/**
 * The process id of a running daemon, from its pid file; undefined if the file is stale or its id now belongs to
 * another program. The file's folder may belong to another user than root (on Debian /run/php belongs to the web
 * server's), who could make us signal any process: so both the file and the process must belong to the users that the
 * daemon runs as.
 */
export function daemonPid(service: ServiceProcess): number | undefined {
  const pid = notedPid(service);
  if (pid === undefined || processFact(pid)?.state === 'Z') return undefined;
  const owners = ownersOf(service);
  const runs = runsProgramOf(service, pid) && usersOf(pid).every((uid) => owners.includes(uid));
  return runs ? pid : undefined;
}

/**
 * Starts a daemon in its own session and waits until its pid file is written. `log` gets its output, replacing that of
 * the last start. It inherits nothing: no environment (a recovery would take it for a child of a task), no terminal, no
 * open file. Throws `SERVICE_START_FAILED` with the daemon's output.
 */
export async function startDaemon(service: ServiceProcess, log: string): Promise<void> {
  const [file = '', ...args] = service.start;
  const program = basename(file);
  await endLeftovers(service);
  makeRunFolder(service, program);
  mkdirSync(dirname(log), { recursive: true, mode: 0o755 });
  const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
  const output = openSync(log, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  // Not with execa, which keeps a hold on its child processes.
  const env = { PATH: SYSTEM_PATH, LANG: 'C.UTF-8', HOME: '/' };
  const child = spawn(file, args, { detached: true, stdio: ['ignore', output, output], env, cwd: '/' });
  closeSync(output);
  child.unref();
  let ended: string | undefined;
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('exit', (code, signal) => {
    ended = signal ? `ended by ${signal}` : `exit code ${code}`;
  });
  const failed = (): boolean => ended !== undefined && (service.foreground || ended !== 'exit code 0');
  await waitUntil(() => daemonPid(service) !== undefined || failed(), START_MS);
  if (daemonPid(service) !== undefined) return;
  const lines = (readTrimmed(log) ?? '').split('\n').slice(-3).map(cleanText).join(' / ');
  const why = [lines, ended ?? `not ready within ${START_MS / 1000} seconds`].filter((part) => part !== '').join(', ');
  throw new AegirError(
    'SERVICE_START_FAILED',
    `${program} did not start: ${why}`,
    `See its output in ${log}, and its own log.`,
  );
}

/** Stops a daemon and waits until it is gone. Throws `SERVICE_STOP_FAILED`. */
export async function stopDaemon(service: ServiceProcess, pid: number): Promise<void> {
  const fact = processFact(pid);
  if (!fact) return;
  sendSignal(pid, service.stopSignal);
  const gone = (): boolean => !isAlive(fact);
  if (service.stopSignal === 'SIGQUIT' && !(await waitUntil(gone, GENTLE_MS)) && !gone()) sendSignal(pid, 'SIGTERM');
  if (await waitUntil(gone, STOP_MS)) return;
  const program = basename(service.start[0] ?? '');
  throw new AegirError('SERVICE_STOP_FAILED', `${program} (process ${pid}) does not end`, 'See its log.');
}

/**
 * Ends what a killed daemon has left: its worker processes live on and hold its ports and sockets. They are recognised
 * by their program and by the daemon's process group, whose id is in the pid file.
 */
async function endLeftovers(service: ServiceProcess): Promise<void> {
  const group = notedPid(service);
  if (group === undefined) return;
  const left = processIds()
    .map(processFact)
    .filter((fact) => fact !== undefined)
    .filter((fact) => fact.group === group && fact.state !== 'Z' && runsProgramOf(service, fact.pid));
  for (const { pid } of left) sendSignal(pid, 'SIGTERM');
  const gone = (): boolean => !left.some(isAlive);
  if (await waitUntil(gone, LEFT_MS)) return;
  for (const fact of left) if (isAlive(fact)) sendSignal(fact.pid, 'SIGKILL');
  await waitUntil(gone, LEFT_MS);
}

/** The process id in a service's pid file, whoever has it now; undefined if the file belongs to somebody else. */
function notedPid(service: ServiceProcess): number | undefined {
  const { pidFile } = service;
  const fact = lstatSync(pidFile, { throwIfNoEntry: false });
  if (!fact?.isFile() || !ownersOf(service).includes(fact.uid) || (fact.mode & 0o002) !== 0) return undefined;
  const pid = Number(readTrimmed(pidFile) ?? '');
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

/** The user that starts a daemon and, where it runs entirely as another user, that one. */
function ownersOf({ start: [file = ''] }: ServiceProcess): number[] {
  const uid = accountOf(runUserOf(basename(file)) ?? '')?.uid;
  return uid === undefined ? [ownUid()] : [ownUid(), uid];
}

/** True for a process that runs exactly this file: a program of the same name may be anybody's. */
function runsProgramOf({ start: [file = ''] }: ServiceProcess, pid: number): boolean {
  const program = programOf(pid);
  return program !== undefined && program === realPathOf(file);
}

/** The path itself if an upgrade has just deleted the file. */
function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

const runUserOf = (program: string): string | undefined =>
  daemons.find((daemon) => daemon.program.test(program))?.runUser;

/** Without systemd, as in a container, nothing creates the folders in /run at boot. */
function makeRunFolder({ pidFile }: ServiceProcess, program: string): void {
  const folder = dirname(pidFile);
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const user = runUserOf(program);
  const uid = user === undefined ? undefined : accountOf(user)?.uid;
  if (uid !== undefined) chownSync(folder, uid, groupId(user ?? '') ?? 0);
}

function readTrimmed(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
