import { readsHere } from '../../provision/host/local/reads.ts';
import type { Refusal } from '../../provision/tasks/model/records.ts';
import { noteTrouble } from '../../worker/trouble.ts';
import { lineCompletions } from '../dialogs/dialogs.ts';
import { planForm } from '../dialogs/plan.ts';
import { leaveForm, queueForm } from '../forms/begin-task.ts';
import { openWhole } from '../forms/lookups.ts';
import { makeMany } from '../forms/many.ts';
import { makeOffered } from '../forms/offered.ts';
import type { Act, Facts } from '../model/command.ts';
import type { DialogTools } from '../model/dialog.ts';
import { withSaid } from '../model/said.ts';
import { type ConsoleState, currentDialog } from '../model/state.ts';
import type { ConsoleDeps, ConsoleStore, TerminalPort } from '../model/store.ts';
import { makeActions } from './actions.ts';
import { type Background, findingsShown, startBackground } from './background.ts';
import { firstState, withServers } from './first-state.ts';
import { makeLookups } from './lookups.ts';
import { type NewerProgram, watchProgram } from './newer-program.ts';
import { savePlace } from './place.ts';
import { makeRouter } from './router.ts';
import { saveSession } from './session.ts';
import { makeSettler } from './settle.ts';
import { makeStepsAside } from './step-aside.ts';
import { loadTaskCatalogue } from './task-catalogue.ts';

/** Opens the console over a root. Reads what the first frame shows, starts nothing. */
export function createConsole(deps: ConsoleDeps): ConsoleStore {
  const listeners = new Set<() => void>();
  const { paths, machine = readsHere } = deps;
  let queue = deps.queue;
  let db = openWhole(paths.inventory);
  let terminal: TerminalPort | undefined;
  let background: Background | undefined;
  const refusals = new Map<string, string | undefined>();

  const settler = makeSettler(
    paths,
    machine,
    () => db,
    () => update((old) => ({ ...old })),
  );
  let state = settler.settle(undefined, firstState(deps, db));

  function update(change: (state: ConsoleState) => ConsoleState): void {
    const changed = change(state);
    if (changed === state) return;
    const before = state;
    state = settler.settle(before, withSaid(before, changed));
    if (before.data.generation !== state.data.generation || before.catalogue !== state.catalogue) refusals.clear();
    for (const listener of listeners) listener();
    if (findingsShown(state) && !findingsShown(before)) background?.examine();
  }

  const facts: Facts = {
    running: () => deps.running?.() ?? 0,
    refusal(type, { kind, name }) {
      const key = `${type} ${kind} ${name}`;
      if (!refusals.has(key)) refusals.set(key, reasonText(lookups.refusal(type, kind, name)));
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
  const lookups = makeLookups(
    () => db,
    () => state,
    { paths, machine },
  );
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
    ...lookups,
    queued(ids: readonly number[]) {
      reload();
      update((old) => ({ ...old, lastQueued: ids, own: [...old.own, ...ids].slice(-200) }));
    },
    log: settler.log,
    copy: (text: string) => terminal?.copy(text) ?? false,
    refresh,
    suspend: () => void terminal?.stopProcess(),
    reopen: () => program.reopen(),
    ...makeStepsAside({
      deps,
      stepAside: (work) => terminal?.stepAside(work) ?? Promise.resolve(),
      notify: (text, tone) => act.notify(text, tone),
      refresh,
      opened(made) {
        queue = made;
      },
    }),
  };
  const act: Act = makeActions(tools);
  const program: NewerProgram = watchProgram({ ...tools, deps, quit: act.quit });

  const { namesBeginning } = lookups;
  const choices = makeOffered(
    () => state,
    () => db,
  );
  const dialogTools: DialogTools = {
    act,
    namesBeginning,
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
    press(key) {
      program.pressed();
      router.press(key);
    },
    paste(text) {
      program.pressed();
      router.paste(text);
    },
    resize: (columns, rows) => update((old) => ({ ...old, columns, rows, resizes: old.resizes + 1 })),
    facts,
    completions() {
      const dialog = currentDialog(state);
      return dialog?.kind === 'line' ? lineCompletions(state, dialog, namesBeginning) : [];
    },
    choices,
    start(port) {
      terminal = port;
      background = startBackground({
        ...deps,
        loadCatalogue: deps.loadCatalogue ?? (async () => loadTaskCatalogue(await deps.loadProgram())),
        getState: () => state,
        update,
        reload,
        db: () => db,
        program,
      });
    },
    leave: (exit) => act.quit(exit),
    stop() {
      const failure = many.finish();
      if (failure) noteTrouble(paths, 'console', failure);
      if (db && deps.sessionFile) saveSession(deps.sessionFile, state);
      if (deps.placeFile && state.exit?.reason === 'reopen') savePlace(deps.placeFile, state);
      background?.stop();
      settler.stop();
      db?.close();
      db = undefined;
    },
  };
}

const reasonText = (refusal: Refusal | undefined): string | undefined =>
  refusal && `${refusal.message}. ${refusal.hint}`;
