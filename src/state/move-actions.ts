import { describeError } from '../provision/errors.ts';
import type { Queue } from '../worker/queue.ts';
import { comparedPlatforms, whyOf } from './compare-table.ts';
import { changeList } from './list.ts';
import { type ConsoleState, currentPage, type Dialog, emptyPage } from './model.ts';
import { openPage } from './navigation.ts';
import type { Tone } from './table.ts';

/** What moving sites needs of the store. */
export interface MoveTools {
  getState(): ConsoleState;
  update(change: (state: ConsoleState) => ConsoleState): void;
  notify(text: string, tone?: Tone): void;
  queue(): Queue | undefined;
  /** Called with the ids of tasks that were just queued. */
  queued(ids: readonly number[]): void;
}

/** How many sites of a batch move at the same time, as the command line has it. */
const AT_ONCE = 2;

/** Asks, with every name, whether the marked sites of the comparison on the screen are to move, or all that can. */
export function askMoves(tools: MoveTools): void {
  const { getState, update, notify } = tools;
  const state = getState();
  const page = currentPage(state);
  const { comparison } = state.data;
  if (page.kind !== 'compare' || !comparison) {
    notify('Compare two platforms first: :platforms, then m', 'warn');
    return;
  }
  const wanted = comparison.sites.filter(({ uri }) => page.list.marks.size === 0 || page.list.marks.has(uri));
  const ready = wanted.filter(({ verdict }) => verdict === 'ready');
  const left = wanted.filter(({ verdict }) => verdict !== 'ready');
  if (ready.length === 0) {
    const [first] = left;
    notify(first ? `${first.uri}: ${whyOf(first)}` : 'There is no site to move.', 'warn');
    return;
  }
  const { from, to } = comparedPlatforms(page.name);
  const uris = ready.map(({ uri }) => uri);
  const begin = (stopOnFailure: boolean) => () => queueNow(tools, { from, to, uris, stopOnFailure });
  const dialog: Dialog = {
    kind: 'confirm',
    title: `Move ${uris.length === 1 ? uris[0] : `${uris.length} sites`} from ${from} to ${to}?`,
    lines: [
      'Each moves on a copy of its database that is updated and tried before its visitors see it.',
      'Nothing is lost: for seven days a site can go back to the code and content of before.',
      '',
      ...uris.map((uri) => `  ${uri}`),
      ...left.map((site) => `  left out: ${site.uri} (${whyOf(site)})`),
    ],
    choices: [
      { label: 'No, leave them' },
      { label: 'Yes, move', run: begin(false) },
      { label: 'Yes, stop at a failure', run: begin(true) },
    ],
    selected: 0,
    top: 0,
  };
  update((old) => ({ ...old, notice: undefined, dialogs: [...old.dialogs, dialog] }));
}

function queueNow(
  { getState, update, notify, queue: queueOf, queued }: MoveTools,
  wish: { from: string; to: string; uris: string[]; stopOnFailure: boolean },
): void {
  const queue = queueOf();
  const { catalogue } = getState();
  if (!queue || !catalogue) {
    notify('This machine is not set up: run aegir setup.', 'warn');
    return;
  }
  try {
    const { from, to, uris: sites, stopOnFailure } = wish;
    const move = catalogue.queueMoves(queue, {
      ...{ from, to, sites, atOnce: AT_ONCE, stopOnFailure, keepDays: undefined, anyway: false },
    });
    queued(move.tasks.map(({ id }) => id));
    update((state) => {
      const unmarked = changeList(state, (list) => ({ ...list, marks: new Set() }));
      return move.tasks.length > 0 ? openPage(unmarked, emptyPage('batch', move.batch)) : unmarked;
    });
    const [first] = move.left;
    if (first) notify(`${move.left.length} left out: ${first.error.message}. ${first.error.hint}`, 'warn');
  } catch (error) {
    const { message, hint } = describeError(error);
    notify(`${message}. ${hint}`, 'warn');
  }
}
