import { AsyncLocalStorage } from 'node:async_hooks';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RootPaths } from '../../model/paths.ts';
import { MAX_SITES, ownUid, type Policy } from '../policy.ts';
import { environmentOf, isAlive, type ProcessFact, processFact, processIds, sendSignal, usersOf } from './processes.ts';
import { waitUntil } from './wait.ts';

/** The environment variable by which children of a task are recognised after they have left its commands' sessions. */
const TASK_VARIABLE = 'AEGIR_TASK';

const GRACE_MS = 3000;
const KILL_MS = 5000;

/** The task for which commands are started; plain data, so that it can be passed to a thread. */
export interface StartedFor {
  /** The value of `AEGIR_TASK`: `<root>#<name>`. */
  mark: string;
  /** The file in which its commands are recorded, in a folder that only root can read. */
  note: string;
  uidBase: number;
}

const current = new AsyncLocalStorage<StartedFor | undefined>();

/** Every command that `work` starts, by whatever route, is a child of the policy's task. */
export const asChildrenOf = <T>(policy: Policy, work: () => T): T => current.run(startedForOf(policy), work);

/** The same in a thread, with the task passed to it by another thread. */
export const startedAs = <T>(who: StartedFor | undefined, work: () => T): T => current.run(who, work);

/** Commands that `work` starts belong to no task: they are short and must not be killed halfway. */
export const withoutTask = <T>(work: () => T): T => current.run(undefined, work);

/** The task for which commands are being started. */
export const startedFor = (): StartedFor | undefined => current.getStore();

/**
 * Starts a command as a session leader, and records it for the current task, if any: process id, start time and boot
 * id, since a process id alone may be reused.
 */
export function startNoted<C extends { pid?: number | undefined }>(
  env: Record<string, string>,
  start: (env: Record<string, string>) => C,
): C {
  const who = startedFor();
  if (!who) return start(env);
  // On a full disk the environment variable alone must do.
  quietly(() => makeNote(who));
  // Last, so that nothing replaces it.
  const child = start({ ...env, [TASK_VARIABLE]: who.mark });
  const fact = child.pid === undefined ? undefined : processFact(child.pid);
  if (fact) quietly(() => appendFileSync(who.note, `${fact.pid} ${fact.started} ${bootId()}\n`));
  return child;
}

/** Records this process itself as one that acts for the current task: whoever takes the task up after a crash ends it first. */
export function noteThisProcess(policy: Policy): void {
  const who = startedForOf(policy);
  const fact = who && processFact(process.pid);
  if (!fact) return;
  quietly(() => makeNote(who));
  quietly(() => appendFileSync(who.note, `${fact.pid} ${fact.started} ${bootId()}\n`));
}

/** Deletes the record of a task's commands: the task has ended. */
export const forgetChildren = (paths: Pick<RootPaths, 'run'>, mark: string): void =>
  rmSync(noteFile(paths, mark), { force: true });

/**
 * Ends processes that a crashed worker's tasks have left. They are identified by that worker's records: the commands
 * that it started with everything in their sessions, which nobody can join from outside; and processes that have left
 * those sessions but carry their task's mark and run as one of our users. A site's own code can read and set a mark, so
 * a mark counts only for the process that carries it, never for its group or session.
 *
 * SIGTERM, up to three seconds, then SIGKILL until none is left. Returns how many were found. Reads /proc (proc(5));
 * finds nothing where there is none. Never ends this process or its ancestors. `marks`: only the processes of these tasks.
 */
export async function endChildren(paths: Pick<RootPaths, 'root' | 'run'>, marks?: Iterable<string>): Promise<number> {
  const only = marks && new Set([...marks].map((mark) => noteFile(paths, mark)));
  const notes = readNotes(paths).filter(({ file }) => only?.has(file) ?? true);
  if (notes.length === 0) return 0;
  const look = childrenLeft(notes);
  const found = new Set<string>();
  const signalAll = (signal: NodeJS.Signals): boolean => {
    const left = look();
    for (const fact of left) {
      found.add(`${fact.pid} ${fact.started}`);
      if (isAlive(fact)) sendSignal(fact.pid, signal);
    }
    return left.length === 0;
  };
  if (!signalAll('SIGTERM')) {
    const gone = await waitUntil(() => look().length === 0, GRACE_MS);
    if (!gone) await waitUntil(() => signalAll('SIGKILL'), KILL_MS);
  }
  for (const { file } of notes) rmSync(file, { force: true });
  return found.size;
}

interface Note {
  file: string;
  entry: string;
  uidBase: number;
  /** Leaders of sessions; also a process that acts for the task. */
  leaders: Pick<ProcessFact, 'pid' | 'started'>[];
}

/** Returns a function that finds the recorded processes that are still alive. */
function childrenLeft(notes: Note[]): () => ProcessFact[] {
  const spared = ancestry();
  const noted = notes.flatMap(({ leaders }) => leaders.filter(isAlive));
  const sessions = new Set(noted.map(({ pid }) => pid));
  // A process that acts for a task leads no session: it has the terminal of the one that has started it.
  const isNoted = (fact: ProcessFact): boolean =>
    noted.some(({ pid, started }) => pid === fact.pid && started === fact.started);
  return () => {
    const living = processIds()
      .filter((pid) => !spared.has(pid))
      .map(processFact)
      .filter((fact) => fact !== undefined)
      .filter(({ state }) => state !== 'Z');
    // A session id is not reused while the session has members.
    for (const session of sessions) if (!living.some((fact) => fact.session === session)) sessions.delete(session);
    return living.filter(
      (fact) => sessions.has(fact.session) || isNoted(fact) || notes.some((note) => bearsMark(fact.pid, note)),
    );
  };
}

/** A setuid program carries its caller's environment but runs as another user, and is not ended. */
function bearsMark(pid: number, { entry, uidBase }: Note): boolean {
  if (!environmentOf(pid).includes(entry)) return false;
  const users = usersOf(pid);
  const [uid = -1] = users;
  const isSites = uidBase > 0 && uid >= uidBase && uid <= uidBase + MAX_SITES;
  return users.every((other) => other === uid) && (uid === ownUid() || isSites);
}

/** This process and its ancestors. */
function ancestry(): Set<number> {
  const spared = new Set([1]);
  for (let pid = process.pid; pid > 1 && !spared.has(pid); pid = processFact(pid)?.parent ?? 0) spared.add(pid);
  return spared;
}

function startedForOf({ paths, mark, uidBase }: Policy): StartedFor | undefined {
  return mark === '' ? undefined : { mark, note: noteFile(paths, mark), uidBase };
}

const folderOf = ({ run }: Pick<RootPaths, 'run'>): string => join(run, 'children');

/** Named after the mark, without the root. */
const noteFile = (paths: Pick<RootPaths, 'run'>, mark: string): string =>
  join(folderOf(paths), mark.slice(mark.lastIndexOf('#') + 1));

function makeNote({ note, uidBase }: StartedFor): void {
  const folder = dirname(note);
  // Services must be able to pass through the folder above.
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(note)) writeFileSync(note, `${uidBase}\n`, { mode: 0o600, flag: 'wx' });
}

function readNotes(paths: Pick<RootPaths, 'root' | 'run'>): Note[] {
  const folder = folderOf(paths);
  const boot = bootId();
  return (quietly(() => readdirSync(folder)) ?? []).map((name) => {
    const file = join(folder, name);
    const [uidBase = '', ...lines] = (quietly(() => readFileSync(file, 'utf8')) ?? '').split('\n');
    const leaders = lines
      .map((line) => line.split(' '))
      .filter(([pid, started, then]) => Number(pid) > 1 && started !== undefined && then === boot)
      .map(([pid, started = '']) => ({ pid: Number(pid), started }));
    return { file, entry: `${TASK_VARIABLE}=${paths.root}#${name}`, uidBase: Number(uidBase), leaders };
  });
}

/** Identifies the current boot; see random(4). */
const bootId = (): string => quietly(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? 'unknown';

/** A record that cannot be written must not fail the task. */
function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
