import { logLook } from '../log/lines.ts';
import { changeLog, logRange, toggleFollow, turnFilter } from '../log/view.ts';
import type { Act, Command } from '../model/command.ts';
import type { LogLook } from '../model/log.ts';
import { openDialog } from '../model/open-dialog.ts';
import { type ConsoleState, currentPage } from '../model/state.ts';
import { currentLog } from '../pages/definition.ts';
import { editText } from '../text/text-edit.ts';

const log = { scopes: ['log'], danger: 'none' } as const;

/** What only a log has that goes on: times, levels, an end that moves. */
const live = { scopes: ['live-log'], danger: 'none' } as const;

const toggleLook =
  (flag: keyof LogLook) =>
  (act: Act): void =>
    act.update((state) => {
      const name = currentLog(state)?.look.name;
      if (name === undefined) return state;
      const look = logLook(state);
      return { ...state, logLooks: { ...state.logLooks, [name]: { ...look, [flag]: !look[flag] } } };
    });

const unsearched = (state: ConsoleState): string | undefined =>
  currentPage(state).log.search === '' ? 'search for something first: /' : undefined;

const empty = ({ data }: ConsoleState): string | undefined => (data.log.total === 0 ? 'the log is empty' : undefined);

/** Reading a log. */
export const logCommands: readonly Command[] = [
  {
    ...live,
    id: 'follow',
    title: 'Follow the log',
    short: 'follow',
    keys: ['f'],
    help: 'Stays at the end as lines come; scrolling up stops it.',
    footer: 20,
    run: (act) => act.update((state) => changeLog(state, (view) => toggleFollow(view, logRange(state)))),
  },
  {
    ...log,
    id: 'search',
    title: 'Search the log',
    short: 'search',
    keys: ['/'],
    help: 'Finds text in the log; upper case letters make case count.',
    footer: 21,
    run: (act) => openDialog(act, { kind: 'search', edit: editText(currentPage(act.state()).log.search) }),
  },
  {
    ...log,
    id: 'next-match',
    title: 'Next match',
    keys: ['n'],
    help: 'To the next line that was searched for.',
    disabledReason: unsearched,
    run: (act) => act.log.findNext(false),
  },
  {
    ...log,
    id: 'previous-match',
    title: 'Match before',
    keys: ['N'],
    help: 'To the line before that was searched for.',
    disabledReason: unsearched,
    run: (act) => act.log.findNext(true),
  },
  {
    ...live,
    id: 'next-error',
    title: 'Next error',
    short: 'next error',
    keys: ['e'],
    help: 'To the next line that is an error; from the end, to the first one.',
    footer: 22,
    run: (act) => act.log.findError(false),
  },
  {
    ...live,
    id: 'previous-error',
    title: 'Error before',
    keys: ['E'],
    help: 'To the line before that is an error.',
    run: (act) => act.log.findError(true),
  },
  {
    ...live,
    id: 'level',
    title: 'Warnings and errors only',
    short: 'level',
    keys: ['s'],
    help: 'Shows warnings and errors, then errors only, then all lines again.',
    footer: 23,
    run: (act) =>
      act.update((state) => {
        const { cursor } = currentPage(state).log;
        const { from, lines } = state.data.log;
        return changeLog(state, (view) =>
          turnFilter(view, cursor === undefined ? cursor : lines[cursor - from]?.number),
        );
      }),
  },
  {
    ...log,
    id: 'mark-line',
    title: 'Mark the line',
    keys: ['m'],
    help: 'Marks this line of the log, or unmarks it.',
    disabledReason: empty,
    run: (act) => act.log.toggleMark(),
  },
  {
    ...log,
    id: 'next-mark',
    title: 'Next marked line',
    keys: ['M'],
    help: 'To the next marked line; after the last, to the first.',
    disabledReason: (state) => (currentPage(state).log.marks.size === 0 ? 'mark a line first: m' : undefined),
    run: (act) => act.log.nextMark(),
  },
  {
    ...log,
    id: 'copy',
    title: 'Copy the line',
    short: 'copy',
    keys: ['y'],
    help: 'Sends the whole line, or the link that the task made, to the clipboard of your terminal (OSC 52).',
    footer: 24,
    disabledReason: empty,
    run: (act) => act.log.copyLine(),
  },
  {
    ...log,
    id: 'line-whole',
    title: 'Show the whole line',
    keys: ['enter'],
    help: 'Shows all of a line that is too long for the screen.',
    disabledReason: empty,
    run: (act) => act.log.showLine(),
  },
  {
    ...log,
    id: 'save',
    title: 'Save the log',
    short: 'save',
    keys: ['ctrl-s'],
    help: 'Writes the lines that are shown into a new file.',
    footer: 25,
    disabledReason: empty,
    run: (act) => act.log.askWhereToSave(),
  },
  {
    ...log,
    id: 'wrap',
    title: 'Wrap long lines',
    keys: ['w'],
    help: 'Breaks long lines instead of cutting them.',
    run: toggleLook('wrap'),
  },
  {
    ...live,
    id: 'timestamps',
    title: 'Timestamps',
    keys: ['t'],
    help: 'Shows when each line came.',
    run: toggleLook('timestamps'),
  },
  {
    ...log,
    scopes: ['page:task'],
    id: 'whole-log',
    title: 'Log alone',
    keys: ['z'],
    help: 'The log on the whole page, or the steps above it.',
    run: (act) => act.update((state) => changeLog(state, (view) => ({ ...view, whole: !view.whole }))),
  },
];
