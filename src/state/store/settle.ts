import type { Inventory } from '../../db/inventory.ts';
import type { Reads } from '../../provision/host/host.ts';
import { describeError } from '../../provision/model/errors.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import { makeLogSession, type OpenLog } from '../log/session.ts';
import { makeSiteLogList } from '../log/site-logs.ts';
import { type ConsoleState, currentPage } from '../model/state.ts';
import { listHeight } from '../pages/layout.ts';
import { settleList, shownList } from '../pages/list.ts';
import { readData, readLastTasks, wantsTasks } from './data.ts';

/** Brings what a change left to be read into the state. */
export interface Settler {
  settle(before: ConsoleState | undefined, after: ConsoleState): ConsoleState;
  /** What was read is old: read again at the next change. */
  stale(): void;
  /** The log on the screen. */
  log(): OpenLog | undefined;
  stop(): void;
}

/**
 * Makes the part of the store that reads: data of the page, last tasks of the rows shown, lines of the log.
 * `machine` is where the files of sites are. `grown` is called when what lies there has come, or the log on the screen has
 * new lines.
 */
export function makeSettler(
  paths: RootPaths,
  machine: Reads,
  db: () => Inventory | undefined,
  grown: () => void,
): Settler {
  let old = true;
  let rowsRead: readonly unknown[] = [];
  const logs = makeLogSession(paths, machine, grown);
  const siteLogs = makeSiteLogList(machine, paths, () => {
    old = true;
    grown();
  });

  function settle(before: ConsoleState | undefined, after: ConsoleState): ConsoleState {
    let state = after;
    if (old || !before || !samePage(before, after)) state = readAgain(state);
    state = settleList(state);
    state = settleRows(state);
    return logs.settle(state);
  }

  function readAgain(state: ConsoleState): ConsoleState {
    const inventory = db();
    old = false;
    if (!inventory) return state;
    try {
      return { ...state, now: Date.now(), data: readData({ db: inventory, paths, siteLogs: siteLogs.of }, state) };
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

  return {
    settle,
    stale() {
      old = true;
    },
    log: logs.current,
    stop: logs.stop,
  };
}

const samePage = (before: ConsoleState, after: ConsoleState): boolean => {
  const [one, other] = [currentPage(before), currentPage(after)];
  const same = one.kind === other.kind && one.name === other.name && one.tab === other.tab;
  // What a filter asks for more is read when it begins to.
  return same && (wantsTasks(before) || !wantsTasks(after));
};
