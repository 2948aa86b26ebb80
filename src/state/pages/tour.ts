import type { Act } from '../model/command.ts';
import type { Outcome } from '../model/dialog.ts';
import type { ConsoleState, Dialog } from '../model/state.ts';

/** One stop of the tour: a page, and a text about it below. */
export interface TourStop {
  title: string;
  text: string;
  /** The text where there is nothing to show. */
  without?(state: ConsoleState): string | undefined;
  /** Opens what the stop is about. */
  show(act: Act): void;
}

type Tour = Extract<Dialog, { kind: 'tour' }>;

const stay = (): void => {};
const run =
  (id: string, given = '') =>
  (act: Act): void =>
    act.runCommand(id, given);

/** The notice of a first start. */
export const NEW_HERE = 'New here? Type :tour and enter for a guided tour; ? shows all keys.';

/** The stops of the tour: the views first, then what to do when a task failed, then how to use the console. */
export const tourStops: readonly TourStop[] = [
  {
    title: 'Sites',
    text:
      'A site is an address with its own Unix user, database, files and settings. Here are all of them. j and k (or ' +
      'the arrows) move, enter opens one, / shows only those with a word in them, such as state:failed.',
    show: run('sites'),
  },
  {
    title: 'Platforms',
    text:
      'A platform is the code of one CMS at one version, in a folder. Many sites share it. To begin: n adds a ' +
      'platform here, then n among the sites installs a site on it.',
    show: run('platforms'),
  },
  {
    title: 'Servers',
    text:
      'A server is this machine with its web server, PHP and database. On the top right of every page stands ' +
      'whether they run. v verifies: it writes all that the services read anew and tests it.',
    show: run('servers'),
  },
  {
    title: 'Tasks',
    text:
      'Whatever you do to an object is a task: it is queued, runs by itself, and is kept here. One that runs has a ' +
      'line above the keys on every page. It goes on when you leave, and when your connection breaks.',
    show: run('tasks'),
  },
  {
    title: 'A task that failed',
    text:
      'Open a task to see what was wrong and what to do, its steps, and its log; e jumps to the next error. What it ' +
      'had begun is already undone. Mend the cause, then R tries it again. c stops one that runs.',
    without: ({ data }) =>
      data.tasks.some(({ state }) => state === 'failed')
        ? undefined
        : 'None has failed here, so there is none to show. When one does, its page says what was wrong and what to do; ' +
          'e jumps to the next error of its log. What it had begun is undone by then. Mend the cause, then R tries it again.',
    show: showNewestFailure,
  },
  {
    title: 'Doing something',
    text:
      'The keys at the foot of a page do something with what is under the cursor, or with all that space has marked. One that ' +
      'cannot be used now is dimmed and says why. In a form, ctrl-d shows what would be done. u undoes the last queueing.',
    show: run('sites'),
  },
  {
    title: 'Dangers',
    text:
      'What takes something away asks first and says what is lost; deleting wants the name typed whole. Nothing is ' +
      'lost by a wrong key. esc leaves everything: a question, a form (what you typed is kept), a filter, a page.',
    show: stay,
  },
  {
    title: 'Finding your way',
    text:
      '? lists all that can be done on a page. ctrl-p finds any command, site or platform by a part of its name. : ' +
      'takes it by name. Each of it is also a command of the shell: aegir --help. :tour begins this again.',
    show: stay,
  },
];

/** Begins the tour at its first stop. */
export function beginTour(act: Act): void {
  const { pages: from } = act.state();
  tourStops[0]?.show(act);
  act.update((state) => ({ ...state, notice: undefined, dialogs: [{ kind: 'tour', step: 0, from }] }));
}

/** Ends the tour on the page where it began. */
export const leaveTour = ({ from }: Tour, act: Act): Outcome => ({
  dialog: undefined,
  run: () => act.update((state) => ({ ...state, pages: from })),
});

/** Handles a key of the tour. */
export function pressTour(tour: Tour, key: string, act: Act): Outcome | undefined {
  const { step } = tour;
  const by = ['enter', 'space', 'right', 'l', 'j', 'down', 'n'].includes(key)
    ? 1
    : ['left', 'h', 'k', 'up', 'backspace', 'p'].includes(key)
      ? -1
      : 0;
  if (key === 'q') return leaveTour(tour, act);
  if (by === 0) return undefined;
  const stop = tourStops[Math.max(0, step + by)];
  if (!stop) return leaveTour(tour, act);
  return { dialog: { ...tour, step: Math.max(0, step + by) }, run: () => stop.show(act) };
}

/** How many lines of the body the tour takes; the page above it keeps the rest. */
export const tourHeight = ({ rows, columns }: ConsoleState): number =>
  Math.min(rows - 8, Math.ceil(MOST_TEXT / (columns - 8)) + 2);

const MOST_TEXT = Math.max(...tourStops.map(({ text }) => text.length)) * 1.1;

function showNewestFailure(act: Act): void {
  const { tasks } = act.state().data;
  const task = tasks.find(({ state }) => state === 'failed') ?? tasks[0];
  if (task) act.runCommand('task', String(task.id));
}
