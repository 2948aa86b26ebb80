import type { Act, Command } from '../model/command.ts';
import { emptyPage, type Page, type PageKind } from '../model/state.ts';
import type { PageDefinition } from '../pages/definition.ts';
import { changeList } from '../pages/list.ts';
import { openPage } from '../pages/navigation.ts';

const anywhere = { scopes: ['anywhere'], danger: 'none' } as const;

/** The commands that open pages: views by their keys, others by a name. */
export const pageCommands = (pages: readonly PageDefinition[]): Command[] => [
  ...pages.flatMap(viewCommands),
  ...pages.flatMap(({ kind, goTo }) => (goTo === undefined ? [] : [goToCommand(kind, goTo)])),
];

const viewCommands = ({ kind, title, view }: PageDefinition): Command[] =>
  view?.key === undefined
    ? []
    : [
        {
          ...anywhere,
          id: kind,
          title,
          keys: [view.key],
          help: view.help ?? `The list of ${kind}; with words behind it, filtered by them.`,
          takes: 'filter',
          run: (act, filter) => showView(act, kind, filter),
        },
      ];

/** A view is found as it was left. */
const showView = (act: Act, kind: PageKind, filter: string): void =>
  act.update((state) => {
    const opened = openPage(state, state.kept[kind] ?? emptyPage(kind), true);
    return filter === '' ? opened : changeList(opened, (list) => ({ ...list, filter }));
  });

/** A command that opens a page by a name; `as` says how it is looked at. */
export const goToCommand = (kind: PageKind, title: string, as: (page: Page) => Page = (page) => page): Command => ({
  ...anywhere,
  id: kind,
  title,
  keys: [],
  help: `Opens a ${kind} by name, from the : line.`,
  takes: kind,
  run(act, name) {
    if (name === '') act.notify(`Say which ${kind}: :${kind} NAME`, 'warn');
    else act.update((state) => openPage(state, as(emptyPage(kind, name))));
  },
});
