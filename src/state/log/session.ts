import type { Reads } from '../../provision/host/host.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import { taskLogFiles } from '../../worker/task-log.ts';
import type { LogData, LogView } from '../model/log.ts';
import type { LogFiles, LogLines, LogSource } from '../model/log-source.ts';
import { type ConsoleState, currentPage, type Page } from '../model/state.ts';
import { currentLog } from '../pages/definition.ts';
import { logHeight } from '../pages/layout.ts';
import { changePage } from '../pages/list.ts';
import { openFileSource } from './file.ts';
import { filterLines } from './filter.ts';
import { ifRead, whenRead } from './not-yet.ts';
import { openTaskSource } from './task.ts';
import { keepInside, topOf } from './view.ts';
import { watchFile } from './watch.ts';

/** The log that is on the screen. */
export interface OpenLog {
  source: LogSource;
  /** Its lines, as the filter of the page shows them. */
  lines: LogLines;
}

/** Keeps the log of the page open, and brings what is in sight of it into the state. */
export interface LogSession {
  settle(state: ConsoleState): ConsoleState;
  current(): OpenLog | undefined;
  stop(): void;
}

interface Session extends OpenLog {
  key: string;
  watch: { stop(): void };
  /** What `lines` was made for. */
  filter: string;
  /** Counts what was found: a new number means that the screen may show something else. */
  version: number;
  working: boolean;
  shown: { state: LogData; view: LogView; version: number; height: number } | undefined;
}

/** Cells that a slow line may get a second from a log that streams: about eight kilobytes. */
const CELLS_A_MS = 8;
const [SHORTEST_MS, LONGEST_MS] = [60, 500];
const AFTER_FRAME_MS = 40;

/**
 * Makes it. `grown` is called when there is more to show: as seldom as the size of the screen asks for. Logs of sites are
 * read on `machine`, and shown when they have come.
 */
export function makeLogSession(paths: RootPaths, machine: Pick<Reads, 'open'>, grown: () => void): LogSession {
  const files = logFiles(paths, machine);
  let session: Session | undefined;
  let gap = SHORTEST_MS;

  function settle(state: ConsoleState): ConsoleState {
    gap = Math.max(SHORTEST_MS, Math.min((state.columns * state.rows) / CELLS_A_MS, LONGEST_MS));
    const page = currentPage(state);
    const open = sessionOf(page, state);
    if (!open) return state;
    applyFilter(open, page.log);
    return ifRead(() => show(open, state), come) ?? state;
  }

  function sessionOf(page: Page, state: ConsoleState): Session | undefined {
    const found = currentLog(state)?.source(files, page, state);
    if (session?.key !== found?.file) stop();
    if (!found || session) return session;
    const source = found.open();
    // The newest lines of a file of this machine are there for the first frame.
    if (source.refresh() === true) ifRead(() => source.work(), come);
    const watch = watchFile(found.file, { gap: () => gap, changed: () => void look() });
    session = {
      key: found.file,
      source,
      lines: source,
      watch,
      filter: filterKey({ filter: 'all', anchor: undefined }),
      version: 0,
      working: false,
      shown: undefined,
    };
    // The first screen is on its way before the rest is looked for.
    const opened = session;
    setTimeout(() => void look().then(() => work(opened)), AFTER_FRAME_MS);
    return session;
  }

  function applyFilter(open: Session, view: LogView): void {
    const wanted = filterKey(view);
    if (open.filter === wanted) return;
    const { source } = open;
    open.filter = wanted;
    open.lines = view.filter === 'all' ? source : filterLines(source, view.filter, view.anchor ?? source.end());
    ifRead(() => open.lines.work(), come);
    open.version += 1;
    void work(open);
  }

  /** Bytes have come that were missing for what is in sight. */
  function come(): void {
    if (!session) return;
    session.version += 1;
    grown();
  }

  /** Takes in what was written; then goes on with what is left to be found. */
  async function look(): Promise<void> {
    const looked = session;
    if (!(await looked?.source.refresh()) || looked !== session || !looked) return;
    looked.version += 1;
    void work(looked);
  }

  async function work(open: Session): Promise<void> {
    if (open.working) return;
    open.working = true;
    let told = performance.now();
    // Never within a change of the state.
    await nextTurn();
    while (session === open && (await whenRead(() => session === open && open.lines.work()))) {
      open.version += 1;
      if (performance.now() - told > gap) {
        told = performance.now();
        grown();
      }
      await nextTurn();
    }
    open.working = false;
    open.version += 1;
    if (session === open) grown();
  }

  function stop(): void {
    session?.watch.stop();
    session?.source.close();
    session = undefined;
  }

  return { settle, current: () => session, stop };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const filterKey = ({ filter, anchor }: Pick<LogView, 'filter' | 'anchor'>): string =>
  filter === 'all' ? filter : `${filter} ${anchor}`;

const logFiles = (paths: RootPaths, machine: Pick<Reads, 'open'>): LogFiles => ({
  paths,
  ofTask: (id) => ({
    file: taskLogFiles(paths.taskLogs, id).lines,
    open: () => openTaskSource(paths.taskLogs, id),
  }),
  ofText: (path) => ({ file: path, open: () => openFileSource(machine, path) }),
});

/** Reads the lines that are in sight, unless they were read already. */
function show(open: Session, before: ConsoleState): ConsoleState {
  const { lines, source, shown, version } = open;
  const height = logHeight(before);
  const range = { first: lines.first(), end: lines.end(), last: source.end(), height };
  const page = currentPage(before);
  const view = keepInside(page.log, range);
  const state = view === page.log ? before : changePage(before, (old) => ({ ...old, log: view }));
  const same = shown && shown.version === version && shown.height === height && shown.state === state.data.log;
  if (same && shown.view === view) return state;
  const from = topOf(view, range);
  const to = Math.min(from + height, range.end);
  const log: LogData = {
    ...range,
    whole: lines.whole(),
    total: source.end() - source.first(),
    fresh: view.cursor === undefined ? 0 : range.end - lines.placeOf(view.seen),
    from,
    lines: lines.raw(from, to).map((raw, at) => ({ ...source.format.parse(raw), number: lines.numberAt(from + at) })),
    problem: source.problem(),
  };
  open.shown = { state: log, view, version, height };
  return { ...state, data: { ...state.data, log } };
}
