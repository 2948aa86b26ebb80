import type { TaskLine } from '../../db/lists.ts';
import type { ConsoleState } from '../model.ts';
import { type Act, type Command, targetNames } from './command.ts';

const task = { scopes: ['on:task'], danger: 'none', changes: true } as const;

type Known = Pick<TaskLine, 'id' | 'state' | 'cancelRequested'> & { unfinished: boolean };

function targets(state: ConsoleState): Known[] {
  const { task: one, tasks, open } = state.data;
  return targetNames(state).flatMap((name) => {
    const id = Number(name);
    if (one?.id === id) {
      return [
        { id, state: one.state, cancelRequested: one.cancelRequestedAt !== null, unfinished: one.unfinished !== null },
      ];
    }
    return tasks.find((line) => line.id === id) ?? open.find((line) => line.id === id) ?? [];
  });
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
    help: 'Stops a task that waits or runs, and undoes what it has begun.',
    footer: 10,
    disabledReason: unless(canCancel, ({ state, cancelRequested }) =>
      cancelRequested && (state === 'queued' || state === 'running') ? 'it is being cancelled' : `it is ${state}`,
    ),
    run: (act) => act.cancelTasks(idsThat(act, canCancel)),
  },
  {
    ...task,
    id: 'retry',
    title: 'Try the task again',
    short: 'retry',
    keys: ['R'],
    help: 'Queues a new attempt of a task that failed or was cancelled.',
    footer: 11,
    disabledReason: unless(canRetry, ({ state }) => `it is ${state}`),
    run: (act) => act.retryTasks(idsThat(act, canRetry)),
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
    run(act) {
      for (const id of idsThat(act, ({ unfinished }) => unfinished)) act.recoverTask(id);
    },
  },
];
