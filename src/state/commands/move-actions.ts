import { describeError } from '../../provision/model/errors.ts';
import type { SiteComparison } from '../../worker/compare.ts';
import { type MoveSettings, parseMoveSettings } from '../../worker/move-options.ts';
import type { Access } from '../../worker/queue-access.ts';
import { askForName } from '../forms/ask-first.ts';
import type { Many } from '../forms/many.ts';
import { openDialog } from '../model/open-dialog.ts';
import type { Tone } from '../model/parts.ts';
import { type Choice, type ConsoleState, currentPage, emptyPage } from '../model/state.ts';
import { changeList } from '../pages/list.ts';
import { openPage } from '../pages/navigation.ts';
import { comparedPlatforms, whyOf } from '../tables/compare-table.ts';

/** What moving sites needs of the store. */
export interface MoveTools {
  getState(): ConsoleState;
  update(change: (state: ConsoleState) => ConsoleState): void;
  notify(text: string, tone?: Tone): void;
  queue(): Access | undefined;
  /** Called with the ids of tasks that were just queued. */
  queued(ids: readonly number[]): void;
  many: Many['begin'];
}

/**
 * Asks, with every name, whether the marked sites of the comparison on the screen are to move, or all that can. `words`
 * are those of the command line: `--at-once 4 --keep-days 14 --stop-on-failure --anyway`.
 */
export function askMoves(tools: MoveTools, words: string): void {
  const { getState, notify } = tools;
  const state = getState();
  const page = currentPage(state);
  const { comparison } = state.data;
  if (page.kind !== 'compare' || !comparison) {
    notify('Compare two platforms first: :platforms, then m', 'warn');
    return;
  }
  const way = wayOf(words, notify);
  if (!way) return;
  const wanted = comparison.sites.filter(({ uri }) => page.list.marks.size === 0 || page.list.marks.has(uri));
  const ready = wanted.filter(({ verdict }) => verdict === 'ready');
  const meant = wanted.filter(({ verdict, blocked }) => verdict !== 'ready' && blocked.every((why) => why.canBeMeant));
  const left = wanted.filter((site) => !ready.includes(site) && !meant.includes(site));
  const first = left[0] ?? meant[0];
  if (ready.length === 0 && meant.length === 0) {
    notify(first ? `${first.uri}: ${whyOf(first)}` : 'There is no site to move.', 'warn');
    return;
  }
  const { from, to } = comparedPlatforms(page.name);
  const begin = (sites: readonly SiteComparison[], more: Partial<MoveSettings> = {}) => {
    const uris = sites.map(({ uri }) => uri);
    const run = (): void => queueNow(tools, { from, to, uris, ...way, ...more });
    return { run: state.marking.production ? () => askForName(tools, namedMove(uris, from, to, run)) : run };
  };
  const all = [...ready, ...meant];
  const yes: Choice[] = [
    { label: 'Yes, move', ...begin(way.anyway ? all : ready) },
    { label: 'Stop at a failure', ...begin(way.anyway ? all : ready, { stopOnFailure: true }) },
  ];
  const anyway = { label: ready.length === 0 ? 'Move anyway' : 'All anyway', ...begin(all, { anyway: true }) };
  const count = way.anyway || ready.length === 0 ? all : ready;
  openDialog(tools, {
    kind: 'confirm',
    title: `Move ${count.length === 1 ? count[0]?.uri : `${count.length} sites`} from ${from} to ${to}?`,
    lines: [
      'Each moves on a copy of its database that is updated and tried before its visitors see it.',
      `Nothing is lost: for ${way.keepDays} days a site can go back to the code and content of before.`,
      `${way.atOnce} at once; ":move --at-once 4 --keep-days 14" asks for other numbers.`,
      '',
      ...ready.map(({ uri }) => `  ${uri}`),
      ...meant.map((site) => `  ${way.anyway ? 'though' : 'only anyway'}: ${site.uri} (${whyOf(site)})`),
      ...left.map((site) => `  left out: ${site.uri} (${whyOf(site)})`),
    ],
    choices: [
      { label: meant.length > 0 && !way.anyway ? 'No' : 'No, leave them' },
      ...(ready.length > 0 || way.anyway ? yes : []),
      ...(meant.length > 0 && !way.anyway ? [anyway] : []),
    ],
    selected: 0,
    top: 0,
  });
}

/** A move of sites that is asked for by name: that of the site, or how many they are. */
function namedMove(
  uris: readonly string[],
  from: string,
  to: string,
  run: () => void,
): Parameters<typeof askForName>[1] {
  const expected = uris.length === 1 ? (uris[0] ?? '') : `${uris.length} sites`;
  return { title: `Move ${expected} from ${from} to ${to}?`, lines: uris.map((uri) => `  ${uri}`), expected, run };
}

/** What the text behind `:move` asks for; undefined, and told, where it is none of its options. */
function wayOf(text: string, notify: MoveTools['notify']): MoveSettings | undefined {
  try {
    return parseMoveSettings(text);
  } catch (error) {
    notify(describeError(error).message, 'warn');
    return undefined;
  }
}

function queueNow(
  { getState, update, notify, queue: queueOf, queued, many }: MoveTools,
  { uris: sites, ...wish }: { from: string; to: string; uris: string[] } & MoveSettings,
): void {
  const queue = queueOf();
  const { catalogue } = getState();
  if (!queue || !catalogue) {
    notify('This machine is not set up: run aegir setup.', 'warn');
    return;
  }
  const { from, to } = wish;
  try {
    const { batch, slices } = catalogue.beginMoves(queue, { ...wish, sites });
    update((state) => changeList(state, (list) => ({ ...list, marks: new Set() })));
    many({ what: 'queue migrate', unit: 'sites' }, slices, (error) => {
      queued(slices.given.map(({ id }) => id));
      const { kind, name } = currentPage(getState());
      // Who has gone elsewhere meanwhile stays there.
      if (slices.given.length > 0 && kind === 'compare' && name === `${from} ${to}`)
        update((state) => openPage(state, emptyPage('batch', batch)));
      const left = [...slices.refused.map((one) => one.error), ...(error ? [error] : [])];
      const [first] = left;
      if (first) notify(`${slices.total - slices.given.length} left out: ${first.message}. ${first.hint}`, 'warn');
    });
  } catch (error) {
    const { message, hint } = describeError(error);
    notify(`${message}. ${hint}`, 'warn');
  }
}
