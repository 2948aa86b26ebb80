import { listBatchIds } from '../db/batches.ts';
import { findSite } from '../db/sites.ts';
import type { Json } from '../provision/errors.ts';
import type { RootPaths } from '../provision/paths.ts';
import { type Refusal, refusalOf } from '../worker/availability.ts';
import type { Marking } from '../worker/marking.ts';
import type { TaskPlan } from '../worker/plan-task.ts';
import type { Queue, TaskRequest } from '../worker/queue.ts';
import type { ServiceTest } from '../worker/test-services.ts';
import { noteTrouble } from '../worker/trouble.ts';
import { makeActions } from './actions.ts';
import { type Background, findingsShown, startBackground } from './background.ts';
import { leaveForm, queueForm } from './begin-task.ts';
import type { Act, Facts } from './commands/command.ts';
import { type DialogTools, lineCompletions } from './dialogs.ts';
import { firstState, withServers } from './first-state.ts';
import type { FormChoice } from './form.ts';
import type { NamesOf } from './line.ts';
import { localFileWords } from './local-files.ts';
import { namesIn, openWhole, platformsLike, takenBy } from './lookups.ts';
import { makeMany } from './many.ts';
import {
  type ConsoleExit,
  type ConsoleState,
  currentDialog,
  type Finding,
  type MachineHealth,
  type NewRoot,
  type ServiceHealth,
  type WorkerHealth,
} from './model.ts';
import { makeOffered } from './offered.ts';
import { paletteEntries } from './palette.ts';
import { planForm } from './plan.ts';
import { meaningOf, presentAnswers } from './present.ts';
import { makeRouter } from './router.ts';
import { withSaid } from './said.ts';
import { saveSession } from './session.ts';
import { makeSettler } from './settle.ts';
import { type HandedBack, type HandOver, makeStepsAside } from './step-aside.ts';
import { loadTaskCatalogue, type TaskCatalogue } from './task-catalogue.ts';

/** What the console is given. All but `paths` and `version` may be left out. */
export interface ConsoleDeps {
  /** Where tasks are queued; without one nothing can be changed. */
  queue: Queue | undefined;
  paths: RootPaths;
  version: string;
  readOnly?: boolean;
  /** By what this machine is told from others. */
  marking?: Marking;
  /** What this machine is called; its own name unless said. */
  hostName?: string;
  /** Called once, when the first frame is on its way: the place to begin, and to load, what it does not show. */
  shown?(): void;
  /** Where view, filters and `:` lines are kept from one start to the next. */
  sessionFile?: string;
  /** How many tasks run in this process. */
  running?(): number;
  /** How the services of this machine are. Asked at the start, after tasks, and now and then. */
  probeServices?(): Promise<ServiceHealth[]>;
  /** What is wrong with the worker; undefined while nothing is. Asked together with the services. */
  probeWorker?(): Promise<WorkerHealth | undefined>;
  /** How much of this machine is left. Asked together with the services. */
  probeMachine?(): Promise<MachineHealth | undefined>;
  /** What the services of a server say of their configuration. */
  testServices?(server: string): Promise<ServiceTest[]>;
  /** What a task would do, found out without queueing it. */
  planTask?(request: TaskRequest): Promise<TaskPlan>;
  /** What doctor finds on this machine. Asked when somebody looks at it. */
  findings?(): Promise<Finding[]>;
  /** Sets the machine up, or makes a trial, on the terminal, which is given over to it; its queue, when that worked. */
  runSetup?(as: NewRoot): Promise<Queue | undefined>;
  /** Does something by hand, on the terminal, which is given over to it. */
  handOver?(what: HandOver): Promise<HandedBack>;
  loadCatalogue?(): Promise<TaskCatalogue>;
}

/** What the store asks of the terminal. */
export interface TerminalPort {
  /** Gives the terminal over to `work`; when it says so, draws again only when the person has read and pressed enter. */
  stepAside(work: () => Promise<{ read: boolean }>): Promise<unknown>;
  /** Stops the process as ctrl-z does; resolves when it goes on. */
  stopProcess(): Promise<void>;
  /** Asks the terminal to put a text on the clipboard of the machine where the person sits. */
  copy(text: string): boolean;
}

/** The console without a screen: all it knows, and the keys that change it. */
export interface ConsoleStore {
  getState(): ConsoleState;
  subscribe(changed: () => void): () => void;
  press(key: string): void;
  paste(text: string): void;
  resize(columns: number, rows: number): void;
  facts: Facts;
  /** Completions of the `:` line; none when it is closed. */
  completions(): readonly string[];
  /** What the current question of the form offers. */
  choices(): readonly FormChoice[];
  /** Begins what the first frame does not need: task types, live queries, service states. */
  start(terminal: TerminalPort): void;
  leave(exit: ConsoleExit): void;
  /** Gives up files, timers and the connection. */
  stop(): void;
}

/** Opens the console over a root. Reads what the first frame shows, starts nothing. */
export function createConsole(deps: ConsoleDeps): ConsoleStore {
  const listeners = new Set<() => void>();
  const { paths } = deps;
  let queue = deps.queue;
  let db = openWhole(paths.inventory);
  let terminal: TerminalPort | undefined;
  let background: Background | undefined;
  const refusals = new Map<string, string | undefined>();

  const settler = makeSettler(
    paths,
    () => db,
    () => update((old) => ({ ...old })),
  );
  let state = settler.settle(undefined, firstState(deps, db));

  function update(change: (state: ConsoleState) => ConsoleState): void {
    const changed = change(state);
    if (changed === state) return;
    const before = state;
    state = settler.settle(before, withSaid(before, changed));
    if (before.data.generation !== state.data.generation) refusals.clear();
    for (const listener of listeners) listener();
    if (findingsShown(state) && !findingsShown(before)) background?.examine();
  }

  const facts: Facts = {
    running: () => deps.running?.() ?? 0,
    refusal(type, { kind, name }) {
      const key = `${type} ${kind} ${name}`;
      if (!refusals.has(key)) refusals.set(key, db && reasonText(refusalOf(db, type, kind, name)));
      return refusals.get(key);
    },
  };

  function reload(): void {
    // A setup that ran beside us has made the inventory.
    db ??= openWhole(paths.inventory);
    settler.stale();
    update((old) => withServers({ ...old }, db));
  }

  function refresh(): void {
    reload();
    background?.probe();
    if (findingsShown(state)) background?.examine();
  }

  const many = makeMany(update);
  const tools = {
    paths,
    many: many.begin,
    planTask: deps.planTask,
    testServices: deps.testServices,
    getState: () => state,
    update,
    facts,
    reload,
    queue: () => queue,
    present: (type: string, name: string) => (db ? presentAnswers(db, type, name) : {}),
    meaning: (type: string, name: string, args: Readonly<Record<string, Json>>) =>
      db ? meaningOf(db, type, name, args) : [],
    nameTaken: (kind: string, name: string) => (db ? takenBy(db, kind, name) : undefined),
    queued(ids: readonly number[]) {
      reload();
      update((old) => ({ ...old, lastQueued: ids, own: [...old.own, ...ids].slice(-200) }));
    },
    log: settler.log,
    copy: (text: string) => terminal?.copy(text) ?? false,
    refresh,
    suspend: () => void terminal?.stopProcess(),
    ...makeStepsAside({
      deps,
      stepAside: (work) => terminal?.stepAside(work) ?? Promise.resolve(),
      notify: (text, tone) => act.notify(text, tone),
      refresh,
      opened(made) {
        queue = made;
      },
    }),
    localFiles(uri: string) {
      const site = db && findSite(db, uri);
      return site ? localFileWords(paths, site) : [];
    },
    otherPlatforms: (name: string) => (db ? platformsLike(db, name) : []),
    batchesLike: (begun: string) => (db ? listBatchIds(db, begun, 2) : []),
    paletteEntries: () => paletteEntries(state, db),
  };
  const act: Act = makeActions(tools);

  const namesOf: NamesOf = (takes, begun) => (db ? namesIn(db, takes, begun) : []);
  const choices = makeOffered(
    () => state,
    () => db,
  );
  const dialogTools: DialogTools = {
    act,
    namesOf,
    choices,
    queueForm: () => queueForm({ ...tools, act }),
    planForm: () => planForm({ act, planTask: deps.planTask }),
    leaveForm: () => leaveForm({ ...tools, act }),
  };
  const router = makeRouter(act, facts, dialogTools);

  return {
    getState: () => state,
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    press: router.press,
    paste: router.paste,
    resize: (columns, rows) => update((old) => ({ ...old, columns, rows, resizes: old.resizes + 1 })),
    facts,
    completions() {
      const dialog = currentDialog(state);
      return dialog?.kind === 'line' ? lineCompletions(state, dialog, namesOf) : [];
    },
    choices,
    start(port) {
      terminal = port;
      background = startBackground({
        ...deps,
        loadCatalogue: deps.loadCatalogue ?? loadTaskCatalogue,
        getState: () => state,
        update,
        reload,
        db: () => db,
      });
    },
    leave: (exit) => act.quit(exit),
    stop() {
      const failure = many.finish();
      if (failure) noteTrouble(paths, 'console', failure);
      if (db && deps.sessionFile) saveSession(deps.sessionFile, state);
      background?.stop();
      settler.stop();
      db?.close();
      db = undefined;
    },
  };
}

const reasonText = (refusal: Refusal | undefined): string | undefined =>
  refusal && `${refusal.message}. ${refusal.hint}`;
