import { taskLayout } from '../layout.ts';
import { changePage } from '../list.ts';
import { toggleFollow } from '../log-view.ts';
import { currentPage, type LogView } from '../model.ts';
import { editText } from '../text-edit.ts';
import type { Act, Command } from './command.ts';

const log = { scopes: ['log'], danger: 'none' } as const;

const toggle =
  (flag: 'wrap' | 'timestamps' | 'whole') =>
  (act: Act): void =>
    act.update((state) =>
      changePage(state, (page) => ({ ...page, log: { ...page.log, [flag]: !page.log[flag] } satisfies LogView })),
    );

const unsearched = (state: Parameters<NonNullable<Command['disabledReason']>>[0]): string | undefined =>
  currentPage(state).log.search === '' ? 'search for something first: /' : undefined;

/** Reading a log. */
export const logCommands: readonly Command[] = [
  {
    ...log,
    id: 'follow',
    title: 'Follow the log',
    short: 'follow',
    keys: ['f'],
    help: 'Stays at the end as lines come; scrolling up stops it.',
    footer: 20,
    run: (act) =>
      act.update((state) => {
        const { log: height } = taskLayout(state);
        const { count } = state.data.log;
        return changePage(state, (page) => ({ ...page, log: toggleFollow(page.log, count, height) }));
      }),
  },
  {
    ...log,
    id: 'search',
    title: 'Search the log',
    short: 'search',
    keys: ['/'],
    help: 'Finds text in the log; upper case letters make case count.',
    footer: 21,
    run: (act) =>
      act.update((state) => ({
        ...state,
        dialogs: [...state.dialogs, { kind: 'search', edit: editText(currentPage(state).log.search) }],
      })),
  },
  {
    ...log,
    id: 'next-match',
    title: 'Next match',
    keys: ['n'],
    help: 'To the next line that was searched for.',
    disabledReason: unsearched,
    run: (act) => act.searchLog(false),
  },
  {
    ...log,
    id: 'previous-match',
    title: 'Match before',
    keys: ['N'],
    help: 'To the line before that was searched for.',
    disabledReason: unsearched,
    run: (act) => act.searchLog(true),
  },
  {
    ...log,
    id: 'next-error',
    title: 'Next error',
    short: 'next error',
    keys: ['e'],
    help: 'To the next line that is an error.',
    footer: 22,
    run: (act) => act.nextError(),
  },
  {
    ...log,
    id: 'wrap',
    title: 'Wrap long lines',
    keys: ['w'],
    help: 'Breaks long lines instead of cutting them.',
    run: toggle('wrap'),
  },
  {
    ...log,
    id: 'timestamps',
    title: 'Timestamps',
    keys: ['t'],
    help: 'Shows when each line came.',
    run: toggle('timestamps'),
  },
  {
    ...log,
    id: 'whole-log',
    title: 'Log alone',
    keys: ['z'],
    help: 'The log on the whole page, or the steps above it.',
    run: toggle('whole'),
  },
];
