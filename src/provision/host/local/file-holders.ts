import { readFileSync, statSync } from 'node:fs';
import { namesIn, processIds, usersOf } from './processes.ts';

/** A process that has a file open, with the user it runs as. */
export interface FileHolder {
  pid: number;
  uid: number;
  file: string;
}

/**
 * The process that holds a lock on a file (fcntl(2)) and runs as the file's owner or as our user; undefined where there
 * is none, or no /proc.
 */
export function lockHolder(file: string): number | undefined {
  const wanted = factOf(file);
  if (!wanted) return undefined;
  const ours = new Set([wanted.uid, process.geteuid?.()]);
  return lockingProcesses().find((pid) => {
    const uid = userOf(pid);
    return uid !== undefined && ours.has(uid) && openFiles(pid).some((fd) => hasLocked(pid, fd, wanted));
  });
}

/** Processes of other users than root that have one of these files open; only root sees them. */
export function strangersIn(files: readonly string[]): FileHolder[] {
  const wanted = new Map(files.map((file) => [keyOf(factOf(file)), file]));
  wanted.delete(undefined);
  const ours = [0, process.geteuid?.()];
  return processIds().flatMap((pid) => {
    if (ours.includes(userOf(pid))) return [];
    const open = openFiles(pid).map((fd) => wanted.get(keyOf(factOf(`/proc/${pid}/fd/${fd}`))));
    return [...new Set(open)].filter((file) => file !== undefined).map((file) => ({ pid, uid: callerOf(pid), file }));
  });
}

interface FileFact {
  ino: number;
  dev: number;
  uid: number;
}

const factOf = (file: string): FileFact | undefined => quietly(() => statSync(file));

const keyOf = (fact: FileFact | undefined): string | undefined => fact && `${fact.dev} ${fact.ino}`;

/**
 * All processes that hold a lock, from proc_locks(5). Its device and inode numbers differ from those of stat(2) on some
 * file systems (btrfs, overlayfs), so the file is found through the process's descriptors.
 */
function lockingProcesses(): number[] {
  const lines = quietly(() => readFileSync('/proc/locks', 'utf8'))?.split('\n') ?? [];
  // A waiting process has an arrow before the kind of lock.
  const pids = lines.map((line) => Number(/^\d+: POSIX +\w+ +\w+ +(\d+)/.exec(line)?.[1]));
  return [...new Set(pids)].filter((pid) => pid > 0);
}

function hasLocked(pid: number, fd: string, wanted: FileFact): boolean {
  if (keyOf(factOf(`/proc/${pid}/fd/${fd}`)) !== keyOf(wanted)) return false;
  // The lock may be on another of its files; see "lock" in proc_pid_fdinfo(5).
  return /^lock:\s+\d+: POSIX/m.test(quietly(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')) ?? '');
}

/**
 * The user of a process; undefined where its ids differ: locks survive an exec(2), also of a setuid program. The owner
 * of its /proc folder is not used, since any process can make that root.
 */
function userOf(pid: number): number | undefined {
  const users = usersOf(pid);
  return new Set(users).size === 1 ? users[0] : undefined;
}

/** The real user id of a process, who started it; -1 when it has gone. */
const callerOf = (pid: number): number => usersOf(pid)[0] ?? -1;

const openFiles = (pid: number): string[] => namesIn(`/proc/${pid}/fd`);

/** Processes come and go during the search. */
function quietly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
