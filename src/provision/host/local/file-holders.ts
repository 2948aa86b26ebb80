import { readFileSync, statSync } from 'node:fs';
import { namesIn, processIds, usersOf } from './processes.ts';

/** A process that has a file open, with the user it runs as. */
export interface FileHolder {
  pid: number;
  uid: number;
  file: string;
}

/**
 * The process that holds a lock on a file (fcntl(2)) and runs as the file's owner or as we do; undefined where there is
 * none, and where there is no /proc.
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

/** Processes of other users, not root, that have one of these files open; only root sees them. */
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
 * Who holds any lock, by proc_locks(5). It names files by numbers that stat(2) gives otherwise on some file systems
 * (btrfs, overlayfs), so which file it is comes from the process itself.
 */
function lockingProcesses(): number[] {
  const lines = quietly(() => readFileSync('/proc/locks', 'utf8'))?.split('\n') ?? [];
  // One that waits for a lock has an arrow before its kind.
  const pids = lines.map((line) => Number(/^\d+: POSIX +\w+ +\w+ +(\d+)/.exec(line)?.[1]));
  return [...new Set(pids)].filter((pid) => pid > 0);
}

function hasLocked(pid: number, fd: string, wanted: FileFact): boolean {
  if (keyOf(factOf(`/proc/${pid}/fd/${fd}`)) !== keyOf(wanted)) return false;
  // It may have others of its files locked; see "lock" of proc_pid_fdinfo(5).
  return /^lock:\s+\d+: POSIX/m.test(quietly(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')) ?? '');
}

/**
 * The user of a process; undefined where its ids differ: locks outlive an exec(2), also that of a program which gives
 * its caller root's rights. Not the owner of its folder in /proc, which any process can make root.
 */
function userOf(pid: number): number | undefined {
  const users = usersOf(pid);
  return new Set(users).size === 1 ? users[0] : undefined;
}

/** Who has started it: its real user id; -1 when it has gone. */
const callerOf = (pid: number): number => usersOf(pid)[0] ?? -1;

const openFiles = (pid: number): string[] => namesIn(`/proc/${pid}/fd`);

/** Processes come and go while we look. */
function quietly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
