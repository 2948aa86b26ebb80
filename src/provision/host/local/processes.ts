import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What /proc says of one process; see proc(5). */
export interface ProcessFact {
  pid: number;
  /** One letter; Z is a zombie: dead, and only its parent can clear it away. */
  state: string;
  parent: number;
  group: number;
  /** The process that began its session: nobody comes into one but by being started in it (setsid(2)). */
  session: number;
  /** Ticks from boot to its start. With the pid it names a process for good, since pids are used again. */
  started: string;
}

/** Ids of all processes; none where there is no /proc. */
export function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^[0-9]+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** A process, or undefined when there is none with this id. */
export function processFact(pid: number): ProcessFact | undefined {
  const stat = readProc(pid, 'stat');
  // The name is in brackets and may hold brackets and spaces itself, so the fields are counted from its end.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields ?? [];
  if (fields === undefined || state === undefined) return undefined;
  const started = fields[19] ?? '';
  return { pid, state, parent: Number(parent), group: Number(group), session: Number(session), started };
}

/** True while exactly this process lives; a zombie does not. */
export function isAlive({ pid, started }: Pick<ProcessFact, 'pid' | 'started'>): boolean {
  const fact = processFact(pid);
  return fact !== undefined && fact.started === started && fact.state !== 'Z';
}

/** The living processes that run as a user: by real, effective, saved or file system id. */
export function processesOfUser(uid: number): number[] {
  return processIds().filter((pid) => {
    const status = readProc(pid, 'status') ?? '';
    return idsIn(status).includes(uid) && !/^State:\s+[ZX]/m.test(status);
  });
}

/** The users that a process runs as: real, effective, saved, file system id; none when it is gone. */
export const usersOf = (pid: number): number[] => idsIn(readProc(pid, 'status') ?? '');

const idsIn = (status: string): number[] => /^Uid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).map(Number) ?? [];

/** Names and values of a process's environment, as it was started; empty when it may not be read. */
export const environmentOf = (pid: number): string[] => readProc(pid, 'environ')?.split('\0') ?? [];

/** The program file of a process, also after an upgrade has replaced it; undefined when it may not be read. */
export function programOf(pid: number): string | undefined {
  return linkOf(`/proc/${pid}/exe`)?.replace(/ \(deleted\)$/, '');
}

/** True for a process that is in a folder, runs a program of it or has something in it open. */
export function holdsIn(pid: number, folder: string): boolean {
  const held = ['cwd', 'root', 'exe', ...namesIn(`/proc/${pid}/fd`).map((name) => `fd/${name}`)];
  return held.some((name) => {
    const path = linkOf(`/proc/${pid}/${name}`)?.replace(/ \(deleted\)$/, '');
    return path === folder || path?.startsWith(`${folder}/`) === true;
  });
}

/** The names in a folder of /proc; none when it is gone. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** What a process calls itself; '' when it may not be read. */
export const titleOf = (pid: number): string => readProc(pid, 'cmdline')?.replaceAll('\0', ' ').trim() ?? '';

/** The words that a process was started with, which everybody may read; none when they are hidden, or it is gone. */
export const wordsOf = (pid: number): string[] => readProc(pid, 'cmdline')?.split('\0').slice(0, -1) ?? [];

/** False for a process of a container beside us, whose paths are others; as far as this may be seen. */
export function isHere(pid: number): boolean {
  const theirs = linkOf(`/proc/${pid}/ns/pid`);
  return theirs === undefined || theirs === linkOf('/proc/self/ns/pid');
}

/** When a process was started, in milliseconds, to a second; undefined when it is gone, or without /proc. */
export function startedAt(pid: number): number | undefined {
  const boot = /^btime (\d+)$/m.exec(readProc('stat') ?? '')?.[1];
  const started = processFact(pid)?.started;
  // proc(5): in hundredths of a second everywhere that Node runs (USER_HZ).
  return boot && started ? Number(boot) * 1000 + Number(started) * 10 : undefined;
}

/**
 * Sends a signal to a process, or to a process group when `pid` is negative. False when there is none, and for a number
 * that means more than one: 0 is our own group, -1 is everybody (kill(2)); an empty file reads as 0.
 */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  if (!Number.isSafeInteger(pid) || Math.abs(pid) <= 1) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** A command that we have started in a session of its own: it leads its group. */
export type Leader = Pick<ProcessFact, 'pid' | 'started'>;

/** Names a command for good, asked at once when it has been started; undefined when it could not be. */
export function leaderOf(pid: number | undefined): Leader | undefined {
  return pid === undefined ? undefined : { pid, started: processFact(pid)?.started ?? '' };
}

/**
 * Sends a signal to a command's group. While somebody is in the group its number goes to no other process, so what
 * has the number and is not the command says that the group is empty, or is somebody else's by now.
 */
export function signalGroup(leader: Leader | undefined, signal: NodeJS.Signals): boolean {
  if (!leader) return false;
  const now = processFact(leader.pid);
  if (now && leader.started !== '' && now.started !== leader.started) return false;
  return sendSignal(-leader.pid, signal);
}

function readProc(...names: (number | string)[]): string | undefined {
  try {
    return readFileSync(`/proc/${names.join('/')}`, 'utf8');
  } catch {
    return undefined;
  }
}
