import type { Inventory } from '../../db/inventory.ts';
import { endedTasks, findTask, type TaskRow } from '../../db/tasks.ts';
import { describeError } from '../../provision/model/errors.ts';
import type { TaskCatalogue } from '../model/catalogue.ts';
import type { ConsoleState, Ended, Notice, WorkerHealth } from '../model/state.ts';
import type { ConsoleDeps } from '../model/store.ts';
import { currentDefinition, currentTab } from '../pages/definition.ts';
import { verbOf } from '../tables/cells.ts';
import { worstFirst } from '../tables/finding-table.ts';
import { watchInventory } from './live.ts';
import type { NewerProgram } from './newer-program.ts';

/** What the background needs of the store. */
interface BackgroundTools
  extends Pick<ConsoleDeps, 'paths' | 'probeServices' | 'probeWorker' | 'probeMachine' | 'findings' | 'shown'> {
  loadCatalogue(): Promise<TaskCatalogue>;
  getState(): ConsoleState;
  update(change: (state: ConsoleState) => ConsoleState): void;
  reload(): void;
  db(): Inventory | undefined;
  program: NewerProgram;
}

/** What goes on behind the screen. */
export interface Background {
  stop(): void;
  /** Asks services and machine how they are. */
  probe(): void;
  /** Looks at the machine as doctor does. */
  examine(): void;
}

/** True where what doctor finds is on the screen. */
export const findingsShown = (state: ConsoleState): boolean =>
  (currentTab(state) ?? currentDefinition(state)).showsFindings === true;

const MINUTE_MS = 60_000;
const LOOK_MS = 1000;

/** Time for the first frame to be on its way before anything else begins. */
const AFTER_FRAME_MS = 10;

/**
 * Begins what the first frame does not need: loads the task types, asks the services how they are, watches the
 * inventory. While nothing changes it changes nothing, so that nothing is drawn.
 */
export function startBackground(tools: BackgroundTools): Background {
  const { getState, update } = tools;
  let stopped = false;
  let inventory: { stop(): void } | undefined;
  const told = new Set<number>();
  let minute = Date.now();
  let examining = false;

  const later = <T>(work: Promise<T>, then: (value: T) => void): void => {
    work.then(
      (value) => {
        if (!stopped) then(value);
      },
      (error) => {
        if (!stopped)
          update((state) => ({
            ...state,
            notice: { text: describeError(error).message, tone: 'bad', at: Date.now() },
          }));
      },
    );
  };

  function probe(): void {
    if (tools.probeServices) later(tools.probeServices(), (services) => update((state) => ({ ...state, services })));
    if (tools.probeWorker) later(tools.probeWorker(), (worker) => update((state) => withWorker(state, worker)));
    if (tools.probeMachine) later(tools.probeMachine(), (machine) => update((state) => ({ ...state, machine })));
  }

  function examine(): void {
    if (!tools.findings || examining) return;
    examining = true;
    // What was found an hour ago is not how it is.
    if (getState().setUp) update((state) => ({ ...state, findings: undefined }));
    const looked = tools.findings().finally(() => {
      examining = false;
    });
    later(looked, (found) => update((state) => ({ ...state, findings: worstFirst(found) })));
  }

  function changed(): void {
    tools.reload();
    const db = tools.db();
    const unknown = getState().own.filter((id) => !told.has(id));
    const ended = db && unknown.length > 0 ? endedTasks(db, unknown) : [];
    if (ended.length === 0) return;
    for (const id of ended) told.add(id);
    probe();
    const end = endOf(tools.db(), ended);
    if (end) update((state) => ({ ...state, ...end }));
  }

  function ticked(): void {
    const state = getState();
    if (!inventory) watchNow();
    tools.program.look();
    if (Date.now() - minute > MINUTE_MS) {
      minute = Date.now();
      probe();
      if (!state.setUp) examine();
      update((old) => ({ ...old, now: Date.now() }));
    } else if (state.data.running.length > 0 || state.going.length > 0) {
      update((old) => ({ ...old, now: Date.now() }));
    }
  }

  function watchNow(): void {
    // Where the process was held up, both clocks below come to this: a second watch would never end.
    if (inventory) return;
    const db = tools.db();
    if (!db) {
      tools.reload();
      return;
    }
    clearInterval(waiting);
    inventory = watchInventory(db, tools.paths.bell, { changed, ticked });
    changed();
  }

  const waiting = setInterval(ticked, LOOK_MS);
  const begin = setTimeout(() => {
    tools.shown?.();
    if (tools.db()) watchNow();
    probe();
    if (findingsShown(getState())) examine();
    later(tools.loadCatalogue(), (catalogue) => {
      update((state) => ({ ...state, catalogue }));
      if (currentDefinition(getState()).readsCatalogue) tools.reload();
    });
  }, AFTER_FRAME_MS);

  return {
    probe,
    examine,
    stop() {
      stopped = true;
      clearInterval(waiting);
      clearTimeout(begin);
      inventory?.stop();
    },
  };
}

/** The state with how the worker is now; that nobody works on the queue any more is told once. */
function withWorker(state: ConsoleState, worker: WorkerHealth | undefined): ConsoleState {
  const before = state.worker;
  if (worker?.message === before?.message && worker?.running === before?.running) return state;
  const isNew = worker && !worker.running && before?.code !== worker.code;
  if (!isNew) return { ...state, worker };
  // The remedy first: of a long text the end is cut.
  const text = `No worker runs. ${worker.hint} (${worker.message})`;
  return { ...state, worker, notice: { text, tone: 'bad', at: Date.now() } };
}

/** What is said when tasks end that were queued here: of the last of them, and how all went. */
function endOf(db: Inventory | undefined, ids: readonly number[]): { notice: Notice; ended: Ended } | undefined {
  const tasks = ids.map((id) => db && findTask(db, id)).filter((task) => task !== undefined);
  const last = tasks.at(-1);
  if (!last) return undefined;
  const notice = endNotice(last);
  const seconds =
    Math.max(...tasks.map(({ queuedAt, endedAt }) => Date.parse(endedAt ?? '') - Date.parse(queuedAt))) / 1000;
  const good = tasks.every(({ state }) => state === 'succeeded' || state === 'warning');
  return { notice, ended: { good, seconds, text: notice.text.replace(' · T shows it', '') } };
}

function endNotice(task: TaskRow): Notice {
  const what = `${verbOf(task.type)} ${task.objectName}`;
  const at = Date.now();
  if (task.state === 'succeeded') return { text: `Done: ${what} · T shows it`, tone: 'good', at };
  if (task.state === 'cancelled') return { text: `Cancelled: ${what}`, tone: 'plain', at };
  const why = task.error?.message ?? task.unfinished ?? 'see its log';
  return { text: `${what}: ${task.state}, ${why} · T shows it`, tone: task.state === 'failed' ? 'bad' : 'warn', at };
}
