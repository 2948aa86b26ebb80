import type { Act } from '../model/command.ts';
import { openDialog } from '../model/open-dialog.ts';
import { type ConsoleState, currentPage, emptyPage, type Page } from '../model/state.ts';
import { currentList } from './definition.ts';
import { changeList, idUnderCursor, shownList } from './list.ts';

/** Opens a page on top of the one on the screen, or, with `alone`, in place of all open pages, as views do. */
export function openPage(state: ConsoleState, page: Page, alone = false): ConsoleState {
  const [root] = state.pages;
  // A view is kept as it was left: filter, cursor and marks are there again when it is opened next.
  const kept = root ? { ...state.kept, [root.kind]: root } : state.kept;
  return { ...state, kept, notice: undefined, pages: alone ? [page] : [...state.pages, page] };
}

/** True when enter does something with the rows of the list on the screen. */
export function rowsOpen(state: ConsoleState): boolean {
  const { opens, rowDialog } = currentList(state) ?? {};
  return opens !== undefined || rowDialog !== undefined;
}

/** Opens the row under the cursor: a text to be read, else its page. */
export function openRow(act: Act): void {
  const state = act.state();
  const { opens, rowDialog } = currentList(state) ?? {};
  const id = idUnderCursor(shownList(state));
  if (id === undefined) return;
  const dialog = rowDialog?.(id, act);
  if (dialog) {
    openDialog(act, dialog);
  } else if (opens !== undefined) {
    const page = typeof opens === 'string' ? emptyPage(opens, id) : opens(id, currentPage(state));
    act.update((old) => openPage(old, page));
  }
}

/** Goes back: clears filter, marks or search first, then leaves the page. The same state where there is nothing to leave. */
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
