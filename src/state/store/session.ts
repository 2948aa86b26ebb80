import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LogLook } from '../model/log.ts';
import type { Sort } from '../model/parts.ts';
import { type ConsoleState, emptyPage, type ListState, type Page, type PageKind } from '../model/state.ts';

/** How a list was looked at. */
type SavedList = Pick<ListState, 'cursor' | 'index' | 'top' | 'filter' | 'sort'>;

/** What of a console is there again at the next start: the view, how lists and logs were looked at, the `:` lines. */
export interface SavedSession {
  view: PageKind | undefined;
  lists: Partial<Record<PageKind, SavedList>>;
  lineHistory: readonly string[];
  logLooks: ConsoleState['logLooks'];
}

/** The views of a console that are lists: how they are looked at is kept. */
export const listViews = ({ registry }: ConsoleState): PageKind[] =>
  [...registry.pages.values()].flatMap(({ kind, view, list }) => (view && list ? [kind] : []));

/** Reads what was saved of some views; undefined when there is nothing that can be read, as at a first start. */
export function readSession(file: string, views: readonly PageKind[]): SavedSession | undefined {
  try {
    return sessionOf(JSON.parse(readFileSync(file, 'utf8')), views);
  } catch {
    return undefined;
  }
}

/** Saves a console beside the file and moves it there. A place that cannot be written is no reason to fail. */
export function saveSession(file: string, state: ConsoleState): void {
  const [root] = state.pages;
  const pages = { ...state.kept, ...(root ? { [root.kind]: root } : {}) };
  const lists = Object.fromEntries(
    listViews(state).flatMap((kind) => {
      const page = pages[kind];
      return page ? [[kind, listOf(page)]] : [];
    }),
  );
  const saved: SavedSession = { view: root?.kind, lists, lineHistory: state.lineHistory, logLooks: state.logLooks };
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(saved), { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // The next start is as a first one.
  }
}

/** The views as they were saved. */
export function pagesOf(saved: SavedSession): Partial<Record<PageKind, Page>> {
  return Object.fromEntries(
    Object.entries(saved.lists).flatMap(([kind, list]) => {
      const page = emptyPage(kind);
      return list ? [[kind, { ...page, list: { ...page.list, ...list } }]] : [];
    }),
  );
}

const listOf = ({ list: { cursor, index, top, filter, sort } }: Page): SavedList => ({
  cursor,
  index,
  top,
  filter,
  sort,
});

/** Takes what is as it should be: an older or newer console may have written it, or a person. */
function sessionOf(found: unknown, views: readonly PageKind[]): SavedSession {
  const { view, lists, lineHistory, logLooks } = record(found);
  const given = record(lists);
  return {
    view: views.find((kind) => kind === view),
    lists: Object.fromEntries(views.flatMap((kind) => (kind in given ? [[kind, savedList(given[kind])]] : []))),
    lineHistory: Array.isArray(lineHistory) ? lineHistory.filter((line) => typeof line === 'string').slice(0, 100) : [],
    logLooks: Object.fromEntries(Object.entries(record(logLooks)).map(([name, look]) => [name, savedLook(look)])),
  };
}

function savedLook(found: unknown): Partial<LogLook> {
  const { wrap, timestamps } = record(found);
  return {
    ...(typeof wrap === 'boolean' ? { wrap } : {}),
    ...(typeof timestamps === 'boolean' ? { timestamps } : {}),
  };
}

/** How a list was looked at, as far as that can be read. */
export function savedList(found: unknown): SavedList {
  const { cursor, index, top, filter, sort } = record(found);
  return {
    cursor: text(cursor),
    index: place(index),
    top: place(top),
    filter: text(filter),
    sort: savedSort(sort),
  };
}

function savedSort(found: unknown): Sort | undefined {
  const { column, descending } = record(found);
  return Number.isInteger(column) ? { column: place(column), descending: descending === true } : undefined;
}

const text = (found: unknown): string => (typeof found === 'string' ? found : '');
const place = (found: unknown): number => (Number.isInteger(found) ? Math.max(0, Number(found)) : 0);
/** What was saved as an object; an empty one where it was none. */
export const record = (found: unknown): Record<string, unknown> =>
  typeof found === 'object' && found !== null && !Array.isArray(found) ? { ...found } : {};
