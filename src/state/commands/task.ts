import type { TaskLine } from '../../db/lists.ts';
import type { Act, Command } from '../model/command.ts';
import { type ConsoleState, currentPage } from '../model/state.ts';
import { targetNames } from './command.ts';

const task = { scopes: ['on:task'], danger: 'none', changes: true } as const;

type Known = Pick<TaskLine, 'id' | 'state' | 'cancelRequested'> & { unfinished: boolean };

/** As the screen shows them: the page of a task, or lines of a list. */
function targets(state: ConsoleState): Known[] {
  const { task: one, tasks, running } = state.data;
  return targetNames(state, 'task').flatMap((name) => {
    const id = Number(name);
    // What the page of a task has read last is old as soon as another page is looked at.
    if (currentPage(state).kind === 'task' && one?.id === id) {
      return [
        { id, state: one.state, cancelRequested: one.cancelRequestedAt !== null, unfinished: one.unfinished !== null },
      ];
    }
    return byId(tasks).get(id) ?? running.find((line) => line.id === id) ?? [];
  });
}

const known = new WeakMap<readonly TaskLine[], ReadonlyMap<number, TaskLine>>();

/** Made once for a list: all of its lines may be marked. */
function byId(lines: readonly TaskLine[]): ReadonlyMap<number, TaskLine> {
  const found = known.get(lines) ?? new Map(lines.map((line) => [line.id, line]));
  known.set(lines, found);
  return found;
}

/** The reason that holds for all targets; what fits some of them is done to those. */
const unless = (fits: (task: Known) => boolean, reason: (task: Known) => string) => (state: ConsoleState) => {
  const found = targets(state);
  const [first] = found;
  if (!first) return 'there is no task here';
  return found.some(fits) ? undefined : reason(first);
};

const canCancel = ({ state, cancelRequested }: Known): boolean =>
  (state === 'queued' || state === 'running') && !cancelRequested;
const canRetry = ({ state }: Known): boolean => state === 'failed' || state === 'cancelled';

const idsThat = (act: Act, fits: (task: Known) => boolean): number[] =>
  targets(act.state())
    .filter(fits)
    .map(({ id }) => id);

/** What is done to tasks themselves. */
export const taskCommands: readonly Command[] = [
  {
    ...task,
    id: 'cancel',
    title: 'Cancel the task',
    short: 'cancel',
    keys: ['c'],
    danger: 'confirm',
    help: 'Stops a task that waits or runs, and undoes what it has begun; asks where one runs, or for several.',
    footer: 10,
    disabledReason: unless(canCancel, ({ state, cancelRequested }) =>
      cancelRequested && (state === 'queued' || state === 'running') ? 'it is being cancelled' : `it is ${state}`,
    ),
    run: (act) => act.tasks.cancel(idsThat(act, canCancel)),
  },
  {
    ...task,
    id: 'retry',
    title: 'Try the task again',
    short: 'retry',
    keys: ['R'],
    danger: 'typed',
    help: 'Queues a new attempt of a task that failed or was cancelled; asks what the task itself asks.',
    footer: 11,
    disabledReason: unless(canRetry, ({ state }) => `it is ${state}`),
    run: (act) => act.tasks.retry(idsThat(act, canRetry)),
  },
  {
    ...task,
    id: 'recover',
    title: 'Finish what was left',
    keys: ['X'],
    help: 'Tries once more to undo or finish what a task could not.',
    disabledReason: unless(
      ({ unfinished }) => unfinished,
      () => 'it left nothing unfinished',
    ),
    run: (act) => act.tasks.recover(idsThat(act, ({ unfinished }) => unfinished)),
  },
];
