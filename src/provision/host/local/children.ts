import { AsyncLocalStorage } from 'node:async_hooks';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RootPaths } from '../../model/paths.ts';
import { MAX_SITES, ownUid, type Policy } from '../policy.ts';
import { environmentOf, isAlive, type ProcessFact, processFact, processIds, sendSignal, usersOf } from './processes.ts';
import { waitUntil } from './wait.ts';

/** The variable by which those children of a task are found again that have left its commands' sessions. */
const TASK_VARIABLE = 'AEGIR_TASK';

const GRACE_MS = 3000;
const KILL_MS = 5000;

/** For whom commands are started; plain, so that a thread can be told. */
export interface StartedFor {
  /** The value of `AEGIR_TASK`: `<root>#<name>`. */
  mark: string;
  /** The file in which it is noted, in a folder that root alone can look into. */
  note: string;
  uidBase: number;
}

const current = new AsyncLocalStorage<StartedFor | undefined>();

/** All commands that `work` starts, on whatever way, are children of the policy's task. */
export const asChildrenOf = <T>(policy: Policy, work: () => T): T => current.run(startedForOf(policy), work);

/** The same for one who was told by another thread. */
export const startedAs = <T>(who: StartedFor | undefined, work: () => T): T => current.run(who, work);

/** What `work` starts is nobody's child: it is short, and must not be ended half-way. */
export const asNobodysChildren = <T>(work: () => T): T => current.run(undefined, work);

/** For whom commands are started now. */
export const startedFor = (): StartedFor | undefined => current.getStore();

/**
 * Starts a command that leads a session of its own, and notes it for the task at hand, if any: its process id, its start
 * time and the boot of the machine, so that the number alone never means anything.
 */
export function startNoted<C extends { pid?: number | undefined }>(
  env: Record<string, string>,
  start: (env: Record<string, string>) => C,
): C {
  const who = startedFor();
  if (!who) return start(env);
  // On a disk that is full the mark alone must do.
  quietly(() => makeNote(who));
  // Last, so that nothing replaces it.
  const child = start({ ...env, [TASK_VARIABLE]: who.mark });
  const fact = child.pid === undefined ? undefined : processFact(child.pid);
  if (fact) quietly(() => appendFileSync(who.note, `${fact.pid} ${fact.started} ${bootId()}\n`));
  return child;
}

/** Forgets what was started under a mark: its task has ended. */
export const forgetChildren = (paths: Pick<RootPaths, 'run'>, mark: string): void =>
  rmSync(noteFile(paths, mark), { force: true });

/**
 * Ends the processes that tasks of a worker which died have left. Whose they are is known by what that worker has
 * noted: the commands it started with all that is in their sessions, which nobody can enter from outside; and those that
 * have left them but bear the mark of their task and run as one of our users. A mark can be read and set by a site's
 * own code, so it counts for the process that bears it and for nothing else: no group and no session is ended for it.
 *
 * SIGTERM, up to three seconds, then SIGKILL until none is left. Returns how many were found. Reads /proc (proc(5));
 * where there is none it finds nothing. Never ends this process nor any that it was started by.
 */
export async function endChildren(paths: Pick<RootPaths, 'root' | 'run'>): Promise<number> {
  const notes = readNotes(paths);
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
  leaders: Pick<ProcessFact, 'pid' | 'started'>[];
}

/** A function that finds the processes of notes that live now. */
function childrenLeft(notes: Note[]): () => ProcessFact[] {
  const spared = ancestry();
  const sessions = new Set(notes.flatMap(({ leaders }) => leaders.filter(isAlive).map(({ pid }) => pid)));
  return () => {
    const living = processIds()
      .filter((pid) => !spared.has(pid))
      .map(processFact)
      .filter((fact) => fact !== undefined)
      .filter(({ state }) => state !== 'Z');
    // The number of a session goes to no other while somebody is in it.
    for (const session of sessions) if (!living.some((fact) => fact.session === session)) sessions.delete(session);
    return living.filter((fact) => sessions.has(fact.session) || notes.some((note) => bearsMark(fact.pid, note)));
  };
}

/** A program that gives its caller another user's rights bears its caller's variables, and is not ended. */
function bearsMark(pid: number, { entry, uidBase }: Note): boolean {
  if (!environmentOf(pid).includes(entry)) return false;
  const users = usersOf(pid);
  const [uid = -1] = users;
  const isSites = uidBase > 0 && uid >= uidBase && uid <= uidBase + MAX_SITES;
  return users.every((other) => other === uid) && (uid === ownUid() || isSites);
}

/** This process with all that it descends from. */
function ancestry(): Set<number> {
  const spared = new Set([1]);
  for (let pid = process.pid; pid > 1 && !spared.has(pid); pid = processFact(pid)?.parent ?? 0) spared.add(pid);
  return spared;
}

function startedForOf({ paths, mark, uidBase }: Policy): StartedFor | undefined {
  return mark === '' ? undefined : { mark, note: noteFile(paths, mark), uidBase };
}

const folderOf = ({ run }: Pick<RootPaths, 'run'>): string => join(run, 'children');

/** Named as its mark, without the root. */
const noteFile = (paths: Pick<RootPaths, 'run'>, mark: string): string =>
  join(folderOf(paths), mark.slice(mark.lastIndexOf('#') + 1));

function makeNote({ note, uidBase }: StartedFor): void {
  const folder = dirname(note);
  // Services pass through the folder above.
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

/** Names the time since the machine was started; see random(4). */
const bootId = (): string => quietly(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? 'unknown';

/** No task fails for a note. */
function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
