import { join } from 'node:path';
import { describeError } from '../../provision/model/errors.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import type { LogActions } from '../model/command.ts';
import { closeFileDialog, openDialog, withDialog } from '../model/open-dialog.ts';
import type { Tone } from '../model/parts.ts';
import { type ConsoleState, currentPage, type Dialog, type Page } from '../model/state.ts';
import { currentLog } from '../pages/definition.ts';
import { logHeight } from '../pages/layout.ts';
import { wrapText } from '../text/format.ts';
import { editText } from '../text/text-edit.ts';
import { ifRead } from './not-yet.ts';
import { saveLines, suggestedFolder } from './save.ts';
import { findError, findText, type LogSearch } from './search.ts';
import type { OpenLog } from './session.ts';
import { changeLog, jumpToLine, type LogRange, toggleMark } from './view.ts';

/** What these actions need of the store. */
export interface LogTools {
  getState(): ConsoleState;
  update(change: (state: ConsoleState) => ConsoleState): void;
  notify(text: string, tone?: Tone): void;
  log(): OpenLog | undefined;
  copy(text: string): boolean;
  paths: RootPaths;
}

/** Searches that take longer than this are told of. */
const NOTICED_MS = 300;

/** Makes the actions on logs. */
export function makeLogActions(tools: LogTools): LogActions {
  const { getState, update, notify } = tools;
  let searching = new AbortController();

  /** Goes to what a search finds, unless the person has gone elsewhere meanwhile. */
  async function jump(find: (log: OpenLog, search: LogSearch) => Promise<number | undefined>, search: SearchFrom) {
    const log = tools.log();
    const before = currentPage(getState());
    if (!log) return;
    searching.abort();
    searching = new AbortController();
    const { signal } = searching;
    const slow = setTimeout(() => notify('Searching…'), NOTICED_MS);
    const found = await find(log, { ...search, signal });
    clearTimeout(slow);
    if (signal.aborted || hasMoved(before, currentPage(getState()))) return;
    if (found === undefined) return notify(search.none);
    update((state) =>
      changeLog({ ...state, notice: undefined }, (view) => jumpToLine(view, found, rangeOf(log, state))),
    );
  }

  /** Where a search begins: at the end of a log that follows, or at its beginning for what comes next. */
  function fromHere(backwards: boolean, step: number): number {
    const { first, end } = getState().data.log;
    const { cursor } = currentPage(getState()).log;
    if (cursor === undefined) return backwards ? end - 1 : first;
    return cursor + (backwards ? -step : step);
  }

  function searchText(backwards: boolean, step: number): void {
    const { search } = currentPage(getState()).log;
    const none = `No more lines with "${search}"`;
    const begin = { from: fromHere(backwards, step), backwards, none };
    void jump(({ lines, source }, how) => findText(lines, source.format, search, how), begin);
  }

  /** The line that keys act on: place, number, and as it stands in the file. */
  function lineHere(): { number: number; raw: string; log: OpenLog } | undefined {
    const log = tools.log();
    const place = currentPage(getState()).log.cursor ?? getState().data.log.end - 1;
    // What is in sight was read.
    const [raw] =
      ifRead(
        () => log?.lines.raw(place, place + 1),
        () => {},
      ) ?? [];
    return !log || raw === undefined ? undefined : { number: log.lines.numberAt(place), raw, log };
  }

  function copy(text: string): void {
    if (tools.copy(text)) notify(`Sent to the clipboard of your terminal: ${text.length} characters`);
    else notify('This terminal has no clipboard that could be asked; the log can be saved in a file.', 'warn');
  }

  function askWhereToSave(): void {
    update((state) => {
      const edit = editText(join(suggestedFolder(tools.paths), currentLog(state)?.saveAs(currentPage(state)) ?? ''));
      const dialog: Dialog = { kind: 'file', title: 'Save to:', edit, run: (file) => void save(file) };
      return withDialog(state, dialog);
    });
  }

  async function save(path: string): Promise<void> {
    const log = tools.log();
    if (!log) return;
    try {
      notify('Saving…');
      const { file, count } = await saveLines(tools.paths, log, path);
      closeFileDialog(tools);
      notify(`Saved ${count} ${count === 1 ? 'line' : 'lines'}: ${file}`, 'good');
    } catch (error) {
      const { message, hint } = describeError(error);
      notify(`${message}. ${hint}`, 'warn');
    }
  }

  return {
    startSearch(search) {
      update((state) => changeLog(state, (log) => ({ ...log, search })));
      if (search !== '') searchText(true, 0);
    },
    findNext: (backwards) => searchText(backwards, 1),
    findError(backwards) {
      const begin = { from: fromHere(backwards, 1), backwards, none: 'No more errors' };
      void jump(({ lines, source }, how) => findError(lines, source.format, how), begin);
    },
    toggleMark() {
      const here = lineHere();
      if (here) update((state) => changeLog(state, (log) => toggleMark(log, here.number)));
    },
    nextMark() {
      const log = tools.log();
      const here = lineHere();
      const marks = [...currentPage(getState()).log.marks].sort((one, other) => one - other);
      const next = marks.find((mark) => here !== undefined && mark > here.number) ?? marks[0];
      if (!log || next === undefined) return;
      update((state) => changeLog(state, (view) => jumpToLine(view, log.lines.placeOf(next), rangeOf(log, state))));
    },
    copyLine() {
      const here = lineHere();
      const state = getState();
      const page = currentPage(state);
      const link = page.log.cursor === undefined ? currentLog(state)?.link?.(state, page) : undefined;
      const text = link ?? here?.log.source.format.text(here.raw);
      if (text !== undefined) copy(text);
    },
    showLine() {
      const here = lineHere();
      if (!here) return;
      const { format } = here.log.source;
      openDialog(tools, {
        kind: 'confirm',
        title: 'The whole line',
        lines: wrapText(format.text(here.raw), getState().columns - 6),
        choices: [{ label: 'Close' }, { label: 'Copy', run: () => copy(format.text(here.raw)) }],
        selected: 0,
        top: 0,
      });
    },
    askWhereToSave,
  };
}

interface SearchFrom extends Omit<LogSearch, 'signal'> {
  none: string;
}

/** True when the person has gone elsewhere, or given the search up, while it went on. */
const hasMoved = (before: Page, now: Page): boolean =>
  before.kind !== now.kind ||
  before.name !== now.name ||
  before.log.cursor !== now.log.cursor ||
  before.log.filter !== now.log.filter ||
  before.log.search !== now.log.search;

/** The same as it is at this moment: a search may have found lines that the screen does not know yet. */
const rangeOf = ({ lines, source }: OpenLog, state: ConsoleState): LogRange => ({
  first: lines.first(),
  end: lines.end(),
  last: source.end(),
  height: logHeight(state),
});
