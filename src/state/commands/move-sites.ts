import type { TaskLine } from '../../db/lists.ts';
import { newestAttempts } from '../model/attempts.ts';
import type { Act, Command } from '../model/command.ts';
import type { PaletteEntry } from '../model/parts.ts';
import { type ConsoleState, currentPage, emptyPage } from '../model/state.ts';
import { changeList } from '../pages/list.ts';
import { openPage } from '../pages/navigation.ts';
import { targetNames } from './command.ts';

const fewTargets = (state: ConsoleState): string | undefined => {
  const count = targetNames(state, 'platform').length;
  if (count === 0) return 'there is no platform here';
  if (count > 1) return 'it is done with one platform at a time';
  return state.data.counts.platforms < 2 ? 'there is no other platform: press 2, then n' : undefined;
};

type Fits = (task: TaskLine) => boolean;

/** Tasks of the batch on the page; of those that were tried again the newest attempt. */
const tasksOf = ({ data }: ConsoleState, fits: Fits): number[] =>
  newestAttempts(data.objectTasks)
    .filter(fits)
    .map(({ id }) => id);

const noneOf = (fits: Fits, reason: string) => (state: ConsoleState) =>
  tasksOf(state, fits).length === 0 ? reason : undefined;

const open: Fits = ({ state, cancelRequested }) => (state === 'queued' || state === 'running') && !cancelRequested;
const bad: Fits = ({ state }) => state === 'failed' || state === 'cancelled';

/** Comparing platforms, moving their sites, and the batches of tasks that this makes. */
export const moveSitesCommands: readonly Command[] = [
  {
    id: 'compare',
    title: 'Compare with another platform',
    short: 'compare',
    keys: ['m'],
    scopes: ['on:platform'],
    danger: 'none',
    help: 'Says what a move of its sites to another platform would mean; nothing is queued by it.',
    footer: 6,
    takes: 'platform',
    disabledReason: fewTargets,
    run(act, given) {
      const [from] = targetNames(act.state(), 'platform');
      if (given.includes(' ')) act.update((state) => openPage(state, emptyPage('compare', given)));
      else if (from === undefined) act.notify('Say which two: :compare FROM TO', 'warn');
      else if (given !== '') act.update((state) => openPage(state, emptyPage('compare', `${from} ${given}`)));
      else askForTarget(act, from);
    },
  },
  {
    id: 'move',
    title: 'Move the sites',
    short: 'move',
    keys: ['m'],
    scopes: ['tab:compare.moves'],
    danger: 'confirm',
    help: 'Moves the marked sites to the other platform, or all that can move, as one batch; asks first. :move --at-once 4 --keep-days 14 too.',
    footer: 3,
    changes: true,
    disabledReason: ({ data }) => ((data.comparison?.sites.length ?? 0) === 0 ? 'there is no site to move' : undefined),
    run: (act, given) => act.moveSites(given),
  },
  {
    id: 'batch',
    title: 'Go to a batch',
    keys: [],
    scopes: ['anywhere'],
    danger: 'none',
    help: 'Opens tasks that were queued together: those of this task, or by the beginning of the id of their batch.',
    takes: 'batch',
    run: openBatch,
  },
  {
    id: 'batch-cancel',
    title: 'Cancel the rest',
    short: 'cancel all',
    keys: ['c'],
    scopes: ['page:batch'],
    danger: 'confirm',
    help: 'Cancels every task of the batch that waits or runs, and undoes what has begun; asks where one runs, or for several.',
    footer: 10,
    changes: true,
    disabledReason: noneOf(open, 'none of them can be cancelled any more'),
    run: (act) => act.tasks.cancel(tasksOf(act.state(), open)),
  },
  {
    id: 'batch-retry',
    title: 'Try again what failed',
    short: 'retry',
    keys: ['R'],
    scopes: ['page:batch'],
    danger: 'typed',
    help: 'Queues a new attempt of each task of the batch that failed or was cancelled, after a question.',
    footer: 11,
    changes: true,
    disabledReason: noneOf(bad, 'none has failed'),
    run: (act) => act.tasks.retry(tasksOf(act.state(), bad)),
  },
  {
    id: 'batch-failed',
    title: 'Show what failed',
    short: 'failed',
    keys: ['e'],
    scopes: ['page:batch'],
    danger: 'none',
    help: 'Shows only the tasks of the batch that failed; esc shows all again.',
    footer: 12,
    disabledReason: noneOf(bad, 'none has failed'),
    run: (act) => act.update((state) => changeList(state, (list) => ({ ...list, filter: 'state:failed' }))),
  },
];

/** The batch of the task that is looked at. */
function batchHere(state: ConsoleState): string {
  const [id] = targetNames(state, 'task');
  const { task, tasks } = state.data;
  const here = currentPage(state).kind === 'task' ? task : tasks.find((line) => String(line.id) === id);
  return here?.batch ?? '';
}

/** Opens the batch whose id begins so; without one that of the task that is looked at. */
function openBatch(act: Act, given: string): void {
  const begun = given || batchHere(act.state());
  const [first, ...others] = begun === '' ? [] : act.batchesLike(begun);
  if (begun === '') act.notify('Say which batch: :batch ID; the page of a task shows its own', 'warn');
  else if (first === undefined) act.notify(`There is no batch ${begun}.`, 'warn');
  else if (others.length > 0) act.notify(`Several batches begin with ${begun}; type more of it.`, 'warn');
  else act.update((state) => openPage(state, emptyPage('batch', first)));
}

/** Asks which platform, of those of the same CMS. */
function askForTarget(act: Act, from: string): void {
  const entries = act
    .otherPlatforms(from)
    .map(({ name, about }): PaletteEntry => ({ kind: 'compare', name: `${from} ${name}`, text: name, about }));
  if (entries.length === 0) act.notify(`There is no other ready platform of its CMS: press 2, then n`, 'warn');
  else act.palette(entries);
}
