import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Facts about a process from /proc; see proc(5). */
export interface ProcessFact {
  pid: number;
  /** One letter; Z is a zombie: dead, but not yet reaped by its parent. */
  state: string;
  parent: number;
  group: number;
  /** The session leader. A process can only be born into a session, never join one (setsid(2)). */
  session: number;
  /** Ticks from boot to its start. With the pid it identifies a process for good, since pids are reused. */
  started: string;
}

/** Ids of all processes; empty where there is no /proc. */
export function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^[0-9]+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** A process; undefined if it does not exist. */
export function processFact(pid: number): ProcessFact | undefined {
  const stat = readProc(pid, 'stat');
  // The name is in brackets and may itself contain brackets and spaces, so fields are counted from its end.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields ?? [];
  if (fields === undefined || state === undefined) return undefined;
  const started = fields[19] ?? '';
  return { pid, state, parent: Number(parent), group: Number(group), session: Number(session), started };
}

/** True while this very process is alive; zombies are not. */
export function isAlive({ pid, started }: Pick<ProcessFact, 'pid' | 'started'>): boolean {
  const fact = processFact(pid);
  return fact !== undefined && fact.started === started && fact.state !== 'Z';
}

/** The living processes of a user: by real, effective, saved or file system id. */
export function processesOfUser(uid: number): number[] {
  return processIds().filter((pid) => {
    const status = readProc(pid, 'status') ?? '';
    return idsIn(status).includes(uid) && !/^State:\s+[ZX]/m.test(status);
  });
}

/** The users that a process runs as: real, effective, saved, file system id; empty if it has gone. */
export const usersOf = (pid: number): number[] => idsIn(readProc(pid, 'status') ?? '');

const idsIn = (status: string): number[] => /^Uid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).map(Number) ?? [];

/** The environment of a process as it was started, as NAME=value; empty if it may not be read. */
export const environmentOf = (pid: number): string[] => readProc(pid, 'environ')?.split('\0') ?? [];

/** The executable of a process, even after an upgrade has replaced it; undefined if it may not be read. */
export function programOf(pid: number): string | undefined {
  return linkOf(`/proc/${pid}/exe`)?.replace(/ \(deleted\)$/, '');
}

/** True for a process that has a folder as its working folder, or runs or has open a file in it. */
export function holdsIn(pid: number, folder: string): boolean {
  const held = ['cwd', 'root', 'exe', ...namesIn(`/proc/${pid}/fd`).map((name) => `fd/${name}`)];
  return held.some((name) => {
    const path = linkOf(`/proc/${pid}/${name}`)?.replace(/ \(deleted\)$/, '');
    return path === folder || path?.startsWith(`${folder}/`) === true;
  });
}

/** The names in a folder of /proc; empty if it has gone. */
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

/** The title of a process; '' if it may not be read. */
export const titleOf = (pid: number): string => readProc(pid, 'cmdline')?.replaceAll('\0', ' ').trim() ?? '';

/** The command line of a process, which is world-readable; empty if /proc hides it or the process has gone. */
export const commandLineOf = (pid: number): string[] => readProc(pid, 'cmdline')?.split('\0').slice(0, -1) ?? [];

/** False for a process in a container on this machine, which sees other paths; as far as that is visible. */
export function isHere(pid: number): boolean {
  const theirs = linkOf(`/proc/${pid}/ns/pid`);
  return theirs === undefined || theirs === linkOf('/proc/self/ns/pid');
}

/** The start time of a process in milliseconds, accurate to a second; undefined if it has gone, or without /proc. */
export function startedAt(pid: number): number | undefined {
  const boot = /^btime (\d+)$/m.exec(readProc('stat') ?? '')?.[1];
  const started = processFact(pid)?.started;
  // proc(5): in hundredths of a second everywhere that Node runs (USER_HZ).
  return boot && started ? Number(boot) * 1000 + Number(started) * 10 : undefined;
}

/**
 * Sends a signal to a process, or to a process group if `pid` is negative. False if it does not exist, and for ids that
 * mean several processes: 0 is our own group, -1 is all (kill(2)), and an empty pid file reads as 0.
 */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  if (!Number.isSafeInteger(pid) || Math.abs(pid) <= 1) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** A command started in its own session, so that it leads its process group. */
export type Leader = Pick<ProcessFact, 'pid' | 'started'>;

/** Identifies a command right after its start; undefined if it could not be started. */
export function leaderOf(pid: number | undefined): Leader | undefined {
  return pid === undefined ? undefined : { pid, started: processFact(pid)?.started ?? '' };
}

/**
 * Sends a signal to a command's process group. A group's id is not reused while the group has members, so if another
 * process has the id, the group is empty or somebody else's.
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
