import { changeList } from '../list.ts';
import { type ConsoleState, emptyPage } from '../model.ts';
import { openPage } from '../navigation.ts';
import type { PaletteEntry } from '../palette.ts';
import { type Act, type Command, targetNames } from './command.ts';

const fewTargets = (state: ConsoleState): string | undefined => {
  const count = targetNames(state).length;
  if (count === 0) return 'there is no platform here';
  if (count > 1) return 'it is done with one platform at a time';
  return state.data.counts.platforms < 2 ? 'there is no other platform: press 2, then n' : undefined;
};

/** The tasks of the batch on the page that have not ended, or ended badly. */
const tasksOf = (state: ConsoleState, states: readonly string[]): number[] =>
  state.data.objectTasks.filter((task) => states.includes(task.state)).map(({ id }) => id);

const noneOf = (states: readonly string[], reason: string) => (state: ConsoleState) =>
  tasksOf(state, states).length === 0 ? reason : undefined;

const open = ['queued', 'running'];
const bad = ['failed', 'cancelled'];

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
    disabledReason: fewTargets,
    run(act, given) {
      const [from] = targetNames(act.state());
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
    scopes: ['page:compare'],
    danger: 'confirm',
    help: 'Moves the marked sites to the other platform, or all that can move, as one batch; asks first.',
    footer: 3,
    changes: true,
    disabledReason: ({ data }) => ((data.comparison?.sites.length ?? 0) === 0 ? 'there is no site to move' : undefined),
    run: (act) => act.moveSites(),
  },
  {
    id: 'batch',
    title: 'Go to a batch',
    keys: [],
    scopes: ['anywhere'],
    danger: 'none',
    help: 'Opens tasks that were queued together, by the id of their batch.',
    run: (act, given) =>
      given === ''
        ? act.notify('Say which batch: :batch ID', 'warn')
        : act.update((state) => openPage(state, emptyPage('batch', given))),
  },
  {
    id: 'batch-cancel',
    title: 'Cancel the rest',
    short: 'cancel all',
    keys: ['c'],
    scopes: ['page:batch'],
    danger: 'none',
    help: 'Cancels every task of the batch that waits or runs; what has begun is undone.',
    footer: 10,
    changes: true,
    disabledReason: noneOf(open, 'all of them have ended'),
    run: (act) => act.cancelTasks(tasksOf(act.state(), open)),
  },
  {
    id: 'batch-failed',
    title: 'Show what failed',
    short: 'failed',
    keys: ['e'],
    scopes: ['page:batch'],
    danger: 'none',
    help: 'Shows only the tasks of the batch that failed; esc shows all again.',
    footer: 11,
    disabledReason: noneOf(bad, 'none has failed'),
    run: (act) => act.update((state) => changeList(state, (list) => ({ ...list, filter: 'state:failed' }))),
  },
];

/** Asks which platform, of those of the same CMS. */
function askForTarget(act: Act, from: string): void {
  const entries = act
    .otherPlatforms(from)
    .map(({ name, about }): PaletteEntry => ({ kind: 'compare', name: `${from} ${name}`, text: name, about }));
  if (entries.length === 0) act.notify(`There is no other ready platform of its CMS: press 2, then n`, 'warn');
  else act.palette(entries);
}
