import { findTask, type TaskRow } from '../../src/db/tasks.ts';
import type { Call } from './calls.ts';
import { entries, titleOf } from './entries.ts';
import type { Entry } from './entry.ts';
import { faults, firstOfSteps, isAct } from './faults.ts';
import { differences, type Judgement, judge, textOf } from './judge.ts';
import type { Look } from './look.ts';
import { callsOf, makeVictim, queueEntry, recover, runFault, runWatched, waitingNames } from './run.ts';
import { pick } from './sample.ts';
import type { Order } from './victim.ts';
import { type Code, openWorld, type World } from './world.ts';

/** What is tried. Empty lists mean all. */
export interface Choice {
  tasks: string[];
  faults: string[];
  /** How many moments of each task; all when undefined. */
  sample: number | undefined;
  seed: number;
  /** The place of this part, from 0, and how many there are. */
  shard: [number, number];
  /** Trials that need not be made again, by name. */
  done?: ReadonlySet<string>;
  /** Ends it after the trial at hand. */
  stop?: AbortSignal;
}

/** One trial: a task, a fault and the moment at which it happens. */
export interface Trial {
  code: string;
  task: string;
  fault: string;
  moment: string;
}
export type Result = Trial & Judgement;

/** `wordpress site.clone · kill before apply:home/folder.make#1` */
export const nameOf = ({ code, task, fault, moment }: Trial): string => `${code} ${task} · ${fault} ${moment}`;

/** Names of all faults. */
export const faultNames = ['kill', 'kill in undo', 'term', 'term twice', ...Object.keys(faults), 'twice'];

/** Tries all that is chosen on one code base; tells each result as it comes. */
export async function tryMatrix(code: Code, choice: Choice, tell: (result: Result) => void): Promise<void> {
  let world: World | undefined;
  try {
    for (const entry of chosenEntries(choice)) {
      if (choice.stop?.aborted) return;
      world ??= await openWorld(code);
      if (await tryEntry(world, entry, choice, tell)) continue;
      // What is broken would be found again and again.
      await world.close();
      world = undefined;
    }
  } finally {
    await world?.close();
  }
}

export const chosenEntries = ({ tasks, shard: [part, parts] }: Choice): Entry[] =>
  entries
    .filter((entry) => tasks.length === 0 || tasks.includes(entry.type) || tasks.includes(titleOf(entry)))
    .filter((_, place) => place % parts === part);

/** How a world looks to which nothing has happened since it was looked at. */
const resting = new WeakMap<World, Look>();

/** Tries one task; false when the world cannot be used any more. */
export async function tryEntry(
  world: World,
  entry: Entry,
  choice: Choice,
  tell: (result: Result) => void,
): Promise<boolean> {
  const known = resting.get(world);
  resting.delete(world);
  await entry.prepare?.(world);
  const before = (entry.prepare ? undefined : known) ?? (await world.look());
  const first = await callsOf(world, entry);
  const after = await world.look();
  const tellOf = (fault: string, moment: string, judgement: Judgement): void =>
    tell({ code: world.code.name, task: titleOf(entry), fault, moment, ...judgement });
  if (first.task?.state !== 'succeeded') {
    // Then nothing has been tried.
    tellOf('none', 'undisturbed', { verdict: 'BROKEN', why: [JSON.stringify(first.task?.error ?? 'it is gone')] });
    return false;
  }
  let isBack = await goBack(world, entry, before, tellOf, 'undisturbed');
  const undoing =
    choice.faults.length === 0 || choice.faults.includes('kill in undo')
      ? await undoingOf(world, entry, first.calls)
      : undefined;
  const isNew = ({ fault, moment }: Plan): boolean =>
    !choice.done?.has(nameOf({ code: world.code.name, task: titleOf(entry), fault, moment }));
  const trials = pick(
    trialsOf(first.calls, undoing, entry.adds === true, choice).filter(isNew),
    choice.sample,
    `${choice.seed} ${world.code.name} ${titleOf(entry)}`,
  );
  for (const { fault, order, call, moment } of trials) {
    if (!isBack || choice.stop?.aborted) return false;
    const task = order ? await killAt(world, entry, order) : await runOther(world, entry, fault, call);
    const now = await world.look();
    const judgement = judge(task, asMended(entry, before, after, now), after, now);
    tellOf(fault, moment, judgement);
    if (judgement.verdict === 'BROKEN' || judgement.verdict === 'left over') return false;
    if (judgement.verdict === 'new' || entry.mends)
      isBack = await goBack(world, entry, before, tellOf, `after ${fault} ${moment}`);
  }
  await entry.end?.(world);
  if (isBack && !entry.end && !entry.mends) resting.set(world, before);
  return true;
}

/** The old state, with what the task has mended before it failed. */
function asMended({ mends }: Entry, before: Look, after: Look, now: Look): Look {
  if (!mends) return before;
  const isMended = (key: string): boolean => mends.test(key) && now.get(key) === after.get(key);
  return new Map([...before].map(([key, value]) => [key, isMended(key) ? (after.get(key) ?? value) : value]));
}

async function goBack(
  world: World,
  entry: Entry,
  before: Look,
  tellOf: (fault: string, moment: string, judgement: Judgement) => void,
  moment: string,
): Promise<boolean> {
  await entry.back?.(world);
  const wrong = differences(before, await world.look());
  if (wrong.length > 0) tellOf('the way back', moment, { verdict: 'left over', why: wrong.map(textOf) });
  return wrong.length === 0;
}

interface Plan {
  fault: string;
  moment: string;
  call: Call;
  order?: Order;
}

/** Acts that take long enough for something to happen within them. */
const isLong = ({ what, ms }: Call): boolean => /^(user\.run|stream\.|source\.|tree\.|user\.)/.test(what) && ms > 5;

/** A run that is undone: the act after which it fails, and the calls that undo it. */
interface Undoing {
  failAfter: string;
  calls: Call[];
}

/** Lets the last step before the commit fail, to see how all of it is undone. */
async function undoingOf(world: World, entry: Entry, calls: Call[]): Promise<Undoing | undefined> {
  const [last] = calls.filter((call) => isAct(call) && call.step.startsWith('apply:')).slice(-1);
  if (!last) return undefined;
  const undoing: Call[] = [];
  await runWatched(world, entry, () => ({
    after(call) {
      if (undoing.length > 0 || call.step.startsWith('undo:')) undoing.push(call);
      if (call.key === last.key) throw new Error('broken on purpose');
    },
  }));
  return { failAfter: last.key, calls: undoing };
}

/** All moments at which the faults can happen to a task that makes these calls. */
export function trialsOf(
  calls: Call[],
  undoing: Undoing | undefined,
  adds: boolean,
  { faults: chosen }: Choice,
): Plan[] {
  const wanted = (name: string): boolean => chosen.length === 0 || chosen.includes(name);
  const kill = (when: Order['when'], call: Call, signal: Order['signal'] = 'SIGKILL'): Plan => ({
    fault: { SIGKILL: 'kill', SIGTERM: 'term', 'SIGTERM twice': 'term twice' }[signal],
    moment: `${when} ${call.key}`,
    call,
    order: { when, key: call.key, ms: call.ms, signal },
  });
  const [last] = calls.slice(-1);
  const plans: Plan[] = [
    // Between two calls there are only reads: after one is before the next.
    ...calls.flatMap((call) => [kill('before', call), ...(isLong(call) ? [kill('during', call)] : [])]),
    ...(last ? [kill('after', last)] : []),
    ...(undoing?.calls ?? []).map((call) => ({
      ...kill('before', call),
      fault: 'kill in undo',
      order: {
        when: 'before' as const,
        key: call.key,
        ms: 0,
        signal: 'SIGKILL' as const,
        failAfter: undoing?.failAfter,
      },
    })),
    ...(['SIGTERM', 'SIGTERM twice'] as const).flatMap((signal) =>
      firstOfSteps(calls).map((call) => kill(isLong(call) ? 'during' : 'before', call, signal)),
    ),
    ...Object.entries(faults).flatMap(([fault, { at }]) =>
      at(calls).map((call) => ({ fault, call, moment: call.key })),
    ),
    ...(last && !adds ? [{ fault: 'twice', call: last, moment: 'done again' }] : []),
  ];
  return plans.filter(({ fault }) => wanted(fault));
}

async function killAt(world: World, entry: Entry, order: Order): Promise<TaskRow | undefined> {
  const victim = makeVictim(world);
  // Only a worker that was asked to stop may leave no page that asks for patience.
  const isStopped = order.signal === 'SIGTERM';
  const before = isStopped ? await waitingNames(world) : [];
  const id = queueEntry(world, entry);
  const { signal, code, words } = await victim.order(order);
  // The second half of a call may be so short that it ended first: then nothing has happened to it.
  const unharmed = order.when === 'during' && code === 3;
  const ended = unharmed || (order.signal === 'SIGKILL' ? signal === 'SIGKILL' : code === 0);
  if (!ended) throw new Error(`${order.when} ${order.key}: the worker ended with ${signal || code} ${words}`);
  const stopped = isStopped ? await waitingNames(world) : [];
  await recover(world);
  const task = findTask(world.root.inventory, id);
  // A site that the task has disabled answers so for good.
  const after = stopped.length > 0 ? await waitingNames(world) : [];
  const waiting = stopped.filter((name) => !before.includes(name) && !after.includes(name));
  if (task && waiting.length > 0)
    return { ...task, unfinished: `the stopped worker has left a page that asks for patience: ${waiting.join(' ')}` };
  return task;
}

async function runOther(world: World, entry: Entry, fault: string, call: Call): Promise<TaskRow | undefined> {
  if (fault !== 'twice') return runFault(world, entry, fault, call);
  const { task } = await callsOf(world, entry);
  try {
    const again = (await callsOf(world, entry)).task;
    // Where there is nothing left to be done it may say so.
    return again?.state === 'failed' && !again.unfinished ? task : again;
  } catch {
    // It is refused, since it is done.
    return task;
  }
}
