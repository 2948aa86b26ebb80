import { changeLog, followLog, logRange, scrollLog } from '../log/view.ts';
import type { Act, Command, Scope } from '../model/command.ts';
import { type ConsoleState, currentPage, emptyPage } from '../model/state.ts';
import { currentDefinition, currentLog, type PageDefinition } from '../pages/definition.ts';
import { changeList, changePage, idUnderCursor, placeCursor, shownList, toggleMarks } from '../pages/list.ts';
import { openRow, rowsOpen } from '../pages/navigation.ts';

const FAR = Number.MAX_SAFE_INTEGER;

/** Moves the cursor of a list, or scrolls a log: the same keys do what is meant on each page. */
function moveBy(step: (height: number) => number) {
  return (act: Act): void =>
    act.update((state) => {
      const list = shownList(state);
      if (list) return placeCursor(state, list.cursor + step(list.height));
      if (!currentLog(state)) return state;
      const range = logRange(state);
      return changeLog(state, (log) => scrollLog(log, step(range.height), range));
    });
}

const move = { scopes: ['list', 'log'], danger: 'none' } as const;

const turnTab =
  (by: number) =>
  (act: Act): void =>
    act.update((state) => {
      const page = currentPage(state);
      const count = currentDefinition(state).tabs?.length ?? 1;
      return changePage(state, () => ({
        ...page,
        tab: (page.tab + by + count) % count,
        list: emptyPage(page.kind).list,
      }));
    });

const empty = (state: ConsoleState): string | undefined =>
  shownList(state)?.rows.length === 0 ? 'the list is empty' : undefined;

/** The pages and tabs whose rows can be marked. */
const markScopes = (pages: readonly PageDefinition[]): Scope[] =>
  pages.flatMap(({ kind, list, tabs = [] }): Scope[] => [
    ...(list?.marks ? [`page:${kind}` as const] : []),
    ...tabs.flatMap(({ id, marks }) => (marks ? [`tab:${kind}.${id}` as const] : [])),
  ]);

/** Moving about. */
export const moveCommands = (pages: readonly PageDefinition[]): readonly Command[] => [
  { ...move, id: 'down', title: 'Down', keys: ['j', 'down'], help: 'Next line.', run: moveBy(() => 1) },
  { ...move, id: 'up', title: 'Up', keys: ['k', 'up'], help: 'Line before.', run: moveBy(() => -1) },
  {
    ...move,
    id: 'page-down',
    title: 'Page down',
    keys: ['pgdn', 'ctrl-f'],
    help: 'A screen down.',
    run: moveBy((h) => h),
  },
  { ...move, id: 'page-up', title: 'Page up', keys: ['pgup', 'ctrl-b'], help: 'A screen up.', run: moveBy((h) => -h) },
  {
    ...move,
    id: 'half-down',
    title: 'Half a page down',
    keys: ['ctrl-d'],
    help: 'Half a screen down.',
    run: moveBy((height) => Math.ceil(height / 2)),
  },
  {
    ...move,
    id: 'half-up',
    title: 'Half a page up',
    keys: ['ctrl-u'],
    help: 'Half a screen up.',
    run: moveBy((height) => -Math.ceil(height / 2)),
  },
  {
    ...move,
    id: 'first',
    title: 'First line',
    keys: ['g', 'home'],
    help: 'To the beginning.',
    run: moveBy(() => -FAR),
  },
  {
    ...move,
    id: 'last',
    title: 'Last line',
    keys: ['G', 'end'],
    help: 'To the end; a log follows again.',
    run(act) {
      if (shownList(act.state())) moveBy(() => FAR)(act);
      else act.update((state) => changeLog(state, followLog));
    },
  },
  {
    id: 'open',
    title: 'Open',
    short: 'open',
    keys: ['enter', 'l', 'right'],
    scopes: ['list'],
    danger: 'none',
    help: 'Opens what is under the cursor.',
    footer: 1,
    disabledReason: (state) => empty(state) ?? (rowsOpen(state) ? undefined : 'these lines have no page'),
    run: openRow,
  },
  {
    id: 'next-tab',
    title: 'Next tab',
    short: 'tabs',
    keys: ['tab'],
    scopes: ['tabs'],
    danger: 'none',
    help: 'The next tab of this page.',
    footer: 2,
    run: turnTab(1),
  },
  {
    id: 'previous-tab',
    title: 'Tab before',
    keys: ['shift-tab'],
    scopes: ['tabs'],
    danger: 'none',
    help: 'The tab before.',
    run: turnTab(-1),
  },
  {
    id: 'mark',
    title: 'Mark',
    keys: ['space'],
    scopes: markScopes(pages),
    danger: 'none',
    help: 'Marks this line; what you do next is done to all marked ones.',
    disabledReason: empty,
    run: (act) =>
      act.update((state) => {
        const list = shownList(state);
        const id = idUnderCursor(list);
        if (!list || id === undefined) return state;
        return placeCursor(
          changeList(state, (old) => toggleMarks(old, [id])),
          list.cursor + 1,
        );
      }),
  },
  {
    id: 'mark-all',
    title: 'Mark all shown',
    keys: ['a'],
    scopes: markScopes(pages),
    danger: 'none',
    help: 'Marks every line that the filter shows, or unmarks them.',
    disabledReason: empty,
    run: (act) =>
      act.update((state) => {
        const list = shownList(state);
        return list ? changeList(state, (old) => toggleMarks(old, list.rows.map(list.table.id))) : state;
      }),
  },
  {
    id: 'sort',
    title: 'Sort by next column',
    keys: ['o'],
    scopes: ['list'],
    danger: 'none',
    help: 'Sorts by the next column; after the last, as at first.',
    run: (act) =>
      act.update((state) => {
        const columns = shownList(state)?.table.sortable ?? 0;
        return changeList(state, (list) => {
          const column = (list.sort?.column ?? -1) + 1;
          return { ...list, sort: column < columns ? { column, descending: false } : undefined };
        });
      }),
  },
  {
    id: 'reverse',
    title: 'Reverse the order',
    keys: ['O'],
    scopes: ['list'],
    danger: 'none',
    help: 'Turns the order round.',
    run: (act) =>
      act.update((state) =>
        changeList(state, (list) => ({
          ...list,
          sort: { column: list.sort?.column ?? 0, descending: !list.sort?.descending },
        })),
      ),
  },
];
