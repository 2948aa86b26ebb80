import type { Inventory } from '../db/inventory.ts';
import { describeError } from '../provision/errors.ts';
import type { RootPaths } from '../provision/paths.ts';
import { readData, readLastTasks } from './data.ts';
import { listHeight, taskLayout } from './layout.ts';
import { settleList, shownList } from './list.ts';
import { watchLog } from './live.ts';
import { type LogReader, openLogReader } from './log-reader.ts';
import { firstLine } from './log-view.ts';
import { type ConsoleState, currentPage } from './model.ts';

/** Brings what a change left to be read into the state. */
export interface Settler {
  settle(before: ConsoleState | undefined, after: ConsoleState): ConsoleState;
  /** What was read is old: read again at the next change. */
  stale(): void;
  /** The log of the task on the screen. */
  logReader(): LogReader | undefined;
  stop(): void;
}

/**
 * Makes the part of the store that reads: data of the page, last tasks of the rows shown, lines of the log.
 * `grown` is called when the log on the screen has new lines.
 */
export function makeSettler(paths: RootPaths, db: () => Inventory | undefined, grown: () => void): Settler {
  let old = true;
  let rowsRead: readonly unknown[] = [];
  let log: { task: string; reader: LogReader | undefined; watch: { stop(): void } } | undefined;

  function settle(before: ConsoleState | undefined, after: ConsoleState): ConsoleState {
    let state = after;
    if (old || !before || !samePage(before, after)) state = readAgain(state);
    state = settleList(state);
    state = settleRows(state);
    return settleLog(state);
  }

  function readAgain(state: ConsoleState): ConsoleState {
    const inventory = db();
    old = false;
    if (!inventory) return state;
    try {
      return { ...state, now: Date.now(), data: readData(inventory, currentPage(state), state.data) };
    } catch (error) {
      const text = `The inventory cannot be read: ${describeError(error).message}`;
      return { ...state, notice: { text, tone: 'bad', at: Date.now() } };
    }
  }

  function settleRows(state: ConsoleState): ConsoleState {
    const inventory = db();
    const page = currentPage(state);
    const wanted = [
      page.kind,
      page.name,
      page.tab,
      page.list.top,
      listHeight(state),
      shownList(state)?.rows,
      state.data.generation,
    ];
    if (!inventory || wanted.every((part, place) => part === rowsRead[place])) return state;
    rowsRead = wanted;
    return { ...state, data: { ...state.data, lastTasks: readLastTasks(inventory, state) } };
  }

  function settleLog(state: ConsoleState): ConsoleState {
    const page = currentPage(state);
    const reader = readerOf(page.kind === 'task' ? page.name : undefined);
    if (page.kind !== 'task') return state;
    const height = taskLayout(state).log;
    const count = reader?.count() ?? 0;
    const from = firstLine(page.log, count, height);
    const known = state.data.log;
    if (
      reader &&
      known.count === count &&
      known.from === from &&
      known.lines.length === Math.min(height, count - from)
    ) {
      return state;
    }
    return { ...state, data: { ...state.data, log: { count, from, lines: reader?.lines(from, from + height) ?? [] } } };
  }

  function readerOf(task: string | undefined): LogReader | undefined {
    if (log && log.task !== task) {
      log.reader?.close();
      log.watch.stop();
      log = undefined;
    }
    if (task === undefined) return undefined;
    log ??= { task, reader: undefined, watch: watchLog(paths.taskLogs, Number(task), grown) };
    log.reader ??= openLogReader(paths.taskLogs, Number(task));
    return log.reader;
  }

  return {
    settle,
    stale() {
      old = true;
    },
    logReader: () => log?.reader,
    stop: () => void readerOf(undefined),
  };
}

const samePage = (before: ConsoleState, after: ConsoleState): boolean => {
  const [one, other] = [currentPage(before), currentPage(after)];
  return one.kind === other.kind && one.name === other.name;
};
