import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Inventory } from '../../db/inventory.ts';
import { endedTasks } from '../../db/tasks.ts';
import { emptyLog, type LogView } from '../model/log.ts';
import { type ConsoleState, emptyPage, type Notice, type Page } from '../model/state.ts';
import { record, savedList } from './session.ts';

/*
 * Where somebody is in a console, kept while it goes on as another version of the program. That one may save more or
 * less than this one: what is not as expected is left out.
 */

/** Saves it in a file that nobody else reads. A place that cannot be written is no reason to fail: the views are kept. */
export function savePlace(file: string, state: ConsoleState): void {
  const { pages, drafts, lastQueued, own, said, withOptions } = state;
  const saved = { pages: pages.map(plainPage), drafts, lastQueued, own, said, withOptions };
  try {
    writeFileSync(file, JSON.stringify(saved), { mode: 0o600 });
  } catch {
    // It begins as it was left.
  }
}

const plainPage = ({ list, log, ...page }: Page) => ({
  ...page,
  list: { ...list, marks: [...list.marks] },
  log: { ...log, marks: [...log.marks] },
});

/** A console that begins as it was saved there; the file is gone then. */
export function inPlace(state: ConsoleState, file: string, db: Inventory | undefined): ConsoleState {
  let found: Record<string, unknown>;
  try {
    found = record(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return state;
  } finally {
    rmSync(file, { force: true });
  }
  const pages = listOf(found.pages).flatMap((page) => pageOf(state, page));
  const own = numbersOf(found.own);
  // How those have ended was told.
  const told = new Set(db && own.length > 0 ? endedTasks(db, own) : []);
  return {
    ...state,
    // What is said at a start is not said again.
    notice: undefined,
    pages: pages.length > 0 ? pages : state.pages,
    drafts: Object.fromEntries(Object.entries(record(found.drafts)).map(([form, draft]) => [form, textsOf(draft)])),
    lastQueued: numbersOf(found.lastQueued),
    own: own.filter((id) => !told.has(id)),
    said: listOf(found.said).flatMap(noticeOf),
    withOptions: found.withOptions === true,
  };
}

function pageOf({ registry }: ConsoleState, saved: unknown): Page[] {
  const { kind, name, tab, list, log } = record(saved);
  if (typeof kind !== 'string' || !registry.pages.has(kind) || typeof name !== 'string') return [];
  const marks = new Set(listOf(record(list).marks).filter((mark) => typeof mark === 'string'));
  const page = emptyPage(kind, name);
  return [
    {
      ...page,
      tab: Number(tab) || 0,
      list: { ...savedList(list), marks },
      log: logOf(registry.pages.get(kind)?.log?.numbered === true, record(log)),
    },
  ];
}

/** Without numbers that stay, lines are counted from where the log was looked at first. */
function logOf(numbered: boolean, saved: Record<string, unknown>): LogView {
  const { cursor, top, seen, anchor, whole, search } = saved;
  const filter = (['all', 'warnings', 'errors'] as const).find((one) => one === saved.filter) ?? emptyLog.filter;
  const looked = { ...emptyLog, filter, whole: whole === true, search: typeof search === 'string' ? search : '' };
  if (!numbered) return looked;
  const number = (value: unknown): number | undefined => (Number.isInteger(value) ? Number(value) : undefined);
  return {
    ...looked,
    cursor: number(cursor),
    top: number(top) ?? 0,
    seen: number(seen) ?? 0,
    anchor: number(anchor),
    marks: new Set(numbersOf(saved.marks)),
  };
}

function noticeOf(saved: unknown): Notice[] {
  const { text, at } = record(saved);
  return typeof text === 'string' && Number.isInteger(at) ? [{ text, tone: 'plain', at: Number(at) }] : [];
}

const listOf = (saved: unknown): unknown[] => (Array.isArray(saved) ? saved : []);
const numbersOf = (saved: unknown): number[] => listOf(saved).filter((one) => typeof one === 'number');
const textsOf = (saved: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record(saved)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
