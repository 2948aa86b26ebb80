import { type ConsoleState, currentPage, emptyPage, type Page, type PageKind } from '../model/state.ts';
import { changeList, idUnderCursor, shownList } from './list.ts';
import { tabsOf } from './page-table.ts';

/** Opens a page on top of the one on the screen; `alone` makes it the beginning of the way, as views do. */
export function openPage(state: ConsoleState, page: Page, alone = false): ConsoleState {
  const [root] = state.pages;
  // A view is kept as it was left, so that coming back finds its filter, cursor and marks.
  const kept = root ? { ...state.kept, [root.kind]: root } : state.kept;
  return { ...state, kept, notice: undefined, pages: alone ? [page] : [...state.pages, page] };
}

/** True when the rows of the list on the screen can be opened, as a page or as a text. */
export const rowsOpen = (page: Page): boolean =>
  rowKind(page) !== undefined || textRows.has(tabsOf[page.kind]?.[page.tab] ?? '');

/** Tabs whose rows are read in a dialog. */
const textRows: ReadonlySet<string> = new Set(['Doctor', 'Moves']);

/** Opens the object under the cursor. */
export function openRow(state: ConsoleState): ConsoleState {
  const id = idUnderCursor(shownList(state));
  const page = currentPage(state);
  const kind = rowKind(page);
  if (id === undefined || !kind) return state;
  if (kind === 'sites') return openPage(state, sitesOfClient(id));
  if (kind === 'file') return openPage(state, filePage(page.name, id));
  return openPage(state, emptyPage(kind, id));
}

const rowKind = (page: Page): PageKind | undefined => rowPages[tabsOf[page.kind]?.[page.tab] ?? page.kind];

const rowPages: Record<string, PageKind> = {
  sites: 'site',
  Sites: 'site',
  platforms: 'platform',
  servers: 'server',
  tasks: 'task',
  Tasks: 'task',
  backups: 'backup',
  Backups: 'backup',
  Logs: 'log',
  Settings: 'file',
  // A client has no page of its own: its sites are what one looks for.
  clients: 'sites',
};

/** A file is read from its beginning. */
function filePage(uri: string, path: string): Page {
  const page = emptyPage('file', `${uri} ${path}`);
  return { ...page, log: { ...page.log, cursor: Number.MIN_SAFE_INTEGER } };
}

/** The sites of a client: it has no page of its own. */
export function sitesOfClient(name: string): Page {
  const page = emptyPage('sites');
  return { ...page, list: { ...page.list, filter: `client:=${name}` } };
}

/** The page of a site, on the tab of its logs. */
export const siteLogsPage = (uri: string): Page => ({
  ...emptyPage('site', uri),
  tab: tabsOf.site?.indexOf('Logs') ?? 0,
});

/** Goes back: first what narrows the list, then the page before. The same state when there is nothing to leave. */
export function goBack(state: ConsoleState): ConsoleState {
  const { list, log } = currentPage(state);
  if (list.filter !== '') return changeList(state, (old) => ({ ...old, filter: '' }));
  if (list.marks.size > 0) return changeList(state, (old) => ({ ...old, marks: new Set() }));
  if (log.search !== '') {
    const page = currentPage(state);
    return { ...state, pages: [...state.pages.slice(0, -1), { ...page, log: { ...log, search: '' } }] };
  }
  return leavePage(state);
}

/** Leaves the page for the one before it, if there is one. */
export const leavePage = (state: ConsoleState): ConsoleState =>
  state.pages.length > 1 ? { ...state, notice: undefined, pages: state.pages.slice(0, -1) } : state;
