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

/** MariaDB may have to repair its tables first. */
const START_MS = 120_000;
/** Long requests and large buffers are let end; MariaDB is never killed. */
const STOP_MS = 120_000;
/** nginx waits on SIGQUIT for its last visitor; after this it is told to go at once. */
const GENTLE_MS = 20_000;
/** Nobody waits for what a killed daemon has left. */
const LEFT_MS = 3000;

/** The daemons that may be started, with the user that some need their run folder for. Nothing else is started as root. */
const daemons: { program: RegExp; runUser?: string }[] = [
  { program: /^nginx$/ },
  { program: /^php-fpm[0-9.]*$/ },
  { program: /^(mariadbd|mysqld)$/, runUser: 'mysql' },
];

/**
 * Checks that a service's program is one of the known daemons and that nobody but root can replace it.
 * Throws `ACT_REFUSED`, `SERVICE_ABSENT`.
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
    if ((uid !== 0 && uid !== ownUid()) || (mode & 0o022) !== 0) refuse(`${path} can be changed by others than root`);
    if (path === '/') return;
  }
}

/**
 * The process id of a running daemon, from its pid file. A stale file, or one whose number went to another
 * program, is none. The folder of the file may belong to others than root (Debian gives /run/php to the web server's
 * user), who could name in it whom we signal: so file and process must belong to those whom the daemon runs as.
 */
export function daemonPid(service: ServiceProcess): number | undefined {
  const pid = notedPid(service);
  if (pid === undefined || processFact(pid)?.state === 'Z') return undefined;
  const owners = ownersOf(service);
  const runs = runsProgramOf(service, pid) && usersOf(pid).every((uid) => owners.includes(uid));
  return runs ? pid : undefined;
}

/**
 * Starts a daemon in a session of its own and waits until its pid file names it. Its output goes to `log`, which
 * holds the words of this start alone. Nothing of ours goes with it: not the environment (a recovery would take
 * it for a task's child), no terminal, no open file. Throws `SERVICE_START_FAILED` with the daemon's words.
 */
export async function startDaemon(service: ServiceProcess, log: string): Promise<void> {
  const [file = '', ...args] = service.start;
  const program = basename(file);
  await endLeftovers(service);
  makeRunFolder(service, program);
  mkdirSync(dirname(log), { recursive: true, mode: 0o755 });
  const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
  const output = openSync(log, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  // Not through execa, which keeps hold of what it starts.
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
  const words = (readWords(log) ?? '').split('\n').slice(-3).map(cleanText).join(' / ');
  const why = [words, ended ?? `not ready within ${START_MS / 1000} seconds`].filter((part) => part !== '').join(', ');
  throw new AegirError(
    'SERVICE_START_FAILED',
    `${program} did not start: ${why}`,
    `Its own words are in ${log}, and in its log.`,
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
 * Ends what a killed daemon has left: its workers live on and hold its ports and sockets. They are known by the
 * group that the daemon made for itself, whose number its pid file still has, and by their program.
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

/** The number in a service's pid file, whatever has it now; none in a file that is somebody else's. */
function notedPid(service: ServiceProcess): number | undefined {
  const { pidFile } = service;
  const fact = lstatSync(pidFile, { throwIfNoEntry: false });
  if (!fact?.isFile() || !ownersOf(service).includes(fact.uid) || (fact.mode & 0o002) !== 0) return undefined;
  const pid = Number(readWords(pidFile) ?? '');
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

/** Who starts a daemon, and whom it becomes where all of it runs as a user of its own. */
function ownersOf({ start: [file = ''] }: ServiceProcess): number[] {
  const uid = accountOf(runUserOf(basename(file)) ?? '')?.uid;
  return uid === undefined ? [ownUid()] : [ownUid(), uid];
}

/** True for a process that runs this very file: a program of the same name elsewhere may be anybody's. */
function runsProgramOf({ start: [file = ''] }: ServiceProcess, pid: number): boolean {
  const program = programOf(pid);
  return program !== undefined && program === realPathOf(file);
}

/** Of a file that an upgrade has just taken away, the path as it is named. */
function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

const runUserOf = (program: string): string | undefined =>
  daemons.find((daemon) => daemon.program.test(program))?.runUser;

/** Where no systemd makes them at boot, as in a container, the folders of /run are missing. */
function makeRunFolder({ pidFile }: ServiceProcess, program: string): void {
  const folder = dirname(pidFile);
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const user = runUserOf(program);
  const uid = user === undefined ? undefined : accountOf(user)?.uid;
  if (uid !== undefined) chownSync(folder, uid, groupId(user ?? '') ?? 0);
}

function readWords(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
