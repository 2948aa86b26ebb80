import { findTask, type TaskRow } from '../../db/tasks.ts';
import { describeError } from '../../provision/model/errors.ts';
import type { AnyTask } from '../../provision/tasks/registry.ts';
import { dangerOf } from '../../worker/marking.ts';
import type { Queue } from '../../worker/queue-access.ts';
import { inSlices } from '../../worker/slices.ts';
import { type AskTools, askForName, askForYes, lossOf } from '../forms/ask-first.ts';
import { fewReasons } from '../forms/many.ts';
import type { TaskCatalogue } from '../model/catalogue.ts';
import type { TaskActions } from '../model/command.ts';
import { currentPage, emptyPage } from '../model/state.ts';
import { changeList } from '../pages/list.ts';
import { leavePage, openPage } from '../pages/navigation.ts';
import { verbOf } from '../tables/cells.ts';

interface TaskTools extends AskTools {
  reload(): void;
}

/** What tasks can be done with, and why others are left out. */
interface Chosen {
  queue: Queue;
  catalogue: TaskCatalogue;
  able: TaskRow[];
  left: { task: string; why: string }[];
}

/** The actions on tasks, over the queue. */
export function makeTaskActions(tools: TaskTools): TaskActions {
  const { act } = tools;

  /** Tells apart what can be done; says why when nothing can. */
  function choose(
    ids: readonly number[],
    whyNot: (catalogue: TaskCatalogue, queue: Queue, id: number) => string | undefined,
  ): Chosen | undefined {
    const queue = tools.queue();
    const { catalogue } = act.state();
    if (!queue || !catalogue) {
      act.notify('This machine is not set up: run aegir setup.', 'warn');
      return undefined;
    }
    const chosen: Chosen = { queue, catalogue, able: [], left: [] };
    for (const id of ids) {
      const row = findTask(queue.inventory, id);
      const why = whyNot(catalogue, queue, id);
      if (row && why === undefined) chosen.able.push(row);
      else chosen.left.push({ task: row ? wordsOf(row) : `task ${id}`, why: why ?? 'it is gone' });
    }
    if (chosen.able.length > 0) return chosen;
    tools.reload();
    act.notify(chosen.left[0]?.why ?? 'there is no task here', 'warn');
    return undefined;
  }

  /** Does it with each, and says what came of all; then goes on with what it gave. */
  function doEach(
    chosen: Chosen,
    { doing, said }: { doing: string; said: string },
    work: (id: number) => number,
    then: (done: readonly number[]) => void = () => {},
  ): void {
    const ids = chosen.able.map(({ id }) => id);
    const slices = inSlices(chosen.queue, ids, work);
    act.update((state) => changeList(state, (list) => ({ ...list, marks: new Set() })));
    tools.many({ what: doing, unit: 'tasks' }, slices, (error) => {
      const done = slices.given.map(({ id }) => id);
      const reasons = [...slices.refused.map((one) => one.error), ...(error ? [error] : [])];
      const refusals = fewReasons([...chosen.left.map(({ why }) => why), ...reasons.map(({ message }) => message)]);
      tools.reload();
      const [only] = chosen.able;
      const what = done.length === 1 && only && chosen.able.length === 1 ? wordsOf(only) : counted(done.length);
      const words = done.length > 0 ? [`${said}: ${what}`] : [];
      act.notify([...words, ...refusals].join(' · '), refusals.length > 0 ? 'warn' : 'plain');
      then(done);
    });
  }

  function cancel(ids: readonly number[], ask: (rows: readonly TaskRow[]) => boolean, then = (): void => {}): void {
    const chosen = choose(ids, (catalogue, queue, id) => refusalBy(() => catalogue.cancellableTask(queue, id)));
    if (!chosen) return;
    const { able, queue, catalogue } = chosen;
    const go = (): void => {
      const words = { doing: 'cancel', said: 'Being cancelled' };
      doEach(
        chosen,
        words,
        (id) => {
          catalogue.cancelTask(queue, id);
          return id;
        },
        then,
      );
    };
    if (!ask(able)) {
      go();
      return;
    }
    askForYes(act, {
      title: `Cancel ${titleOf(able)}?`,
      lines: ['What a task has begun is undone; one that waits does not begin.', '', ...namesOf(chosen)],
      yes: 'Yes, cancel',
      no: able.length === 1 ? 'No, leave it' : 'No, leave them',
      run: go,
    });
  }

  /** Why the queue would not take a task on its object now. */
  function refusedNow(catalogue: TaskCatalogue, queue: Queue, id: number): string | undefined {
    const task = findTask(queue.inventory, id);
    const makes = catalogue.definitions.some(({ type, creates }) => type === task?.type && creates);
    if (!task || makes) return undefined;
    return act.facts.refusal(task.type, { kind: task.objectKind, name: task.objectName });
  }

  function retry(ids: readonly number[]): void {
    const chosen = choose(
      ids,
      (catalogue, queue, id) => refusalBy(() => catalogue.retryOf(queue, id)) ?? refusedNow(catalogue, queue, id),
    );
    if (!chosen) return;
    const { able, queue, catalogue } = chosen;
    const definitions = catalogue.definitions.filter(({ type }) => able.some((task) => task.type === type));
    const go = (): void => {
      const words = { doing: 'queue again', said: 'Queued again' };
      doEach(chosen, words, (id) => catalogue.retryTask(queue, id), showAgain);
    };
    const showAgain = (again: readonly number[]): void => {
      if (again.length === 0) return;
      tools.queued(again);
      // Whoever looked at the task wants to see the new attempt.
      if (ids.length === 1 && currentPage(act.state()).kind === 'task') {
        act.update((state) => ({
          ...openPage(leavePage(state), emptyPage('task', String(again[0]))),
          notice: state.notice,
        }));
      }
    };
    const typed = definitions.some((one) => dangerOf(one, act.state().marking) === 'typed');
    if (ids.length === 1 && definitions.every(({ danger }) => danger === 'none')) {
      go();
      return;
    }
    const question = {
      title: `Try again: ${titleOf(able)}?`,
      lines: [...definitions.flatMap((one) => meaningOf(tools, one, able)), ...namesOf(chosen)],
      run: go,
    };
    if (typed)
      askForName(act, {
        ...question,
        expected: able.length === 1 ? (able[0]?.objectName ?? '') : counted(able.length),
      });
    else askForYes(act, { ...question, yes: 'Yes, try again', no: 'No, leave it' });
  }

  return {
    cancel: (ids) => cancel(ids, (rows) => ids.length > 1 || rows.some(begun)),
    retry,
    recover(ids) {
      const chosen = choose(ids, (catalogue, queue, id) => refusalBy(() => catalogue.recoverableTask(queue, id)));
      if (!chosen) return;
      doEach(chosen, { doing: 'ask to finish', said: 'Will be tried to finish again' }, (id) => {
        chosen.catalogue.recoverLater(chosen.queue, id);
        return id;
      });
    },
    undo: () =>
      cancel(
        act.state().lastQueued,
        (rows) => rows.some(begun),
        () => act.update((state) => ({ ...state, lastQueued: [] })),
      ),
    showLast() {
      const ids = act.state().lastQueued;
      const db = tools.queue()?.inventory;
      const batches = new Set(ids.map((id) => (db && findTask(db, id)?.batch) ?? ''));
      const [batch = ''] = batches;
      const page =
        ids.length > 1 && batches.size === 1 && batch !== ''
          ? emptyPage('batch', batch)
          : emptyPage('task', String(ids.at(-1) ?? ''));
      act.update((state) => openPage(state, page));
    },
  };
}

const counted = (tasks: number): string => (tasks === 1 ? '1 task' : `${tasks} tasks`);
const wordsOf = ({ type, objectName }: TaskRow): string => `${verbOf(type)} ${objectName}`;
const begun = ({ state }: TaskRow): boolean => state === 'running';

const titleOf = (rows: readonly TaskRow[]): string => {
  const [only] = rows;
  return only && rows.length === 1 ? wordsOf(only) : counted(rows.length);
};

/** Every task by name: those it is done with where they are several, and those that are left out. */
const namesOf = ({ able, left }: Chosen): string[] => [
  ...(able.length > 1 ? able.map((row) => `  ${wordsOf(row)} (task ${row.id}, ${row.state})`) : []),
  ...left.map(({ task, why }) => `  left out: ${task} (${why})`),
];

/** What the tasks of one type mean for their objects. */
function meaningOf(tools: AskTools, definition: AnyTask, able: readonly TaskRow[]): string[] {
  const rows = able.filter(({ type }) => type === definition.type);
  const names = [...new Set(rows.map(({ objectName }) => objectName))];
  const loss = lossOf(tools, definition, names);
  const [only] = rows;
  const meant = able.length === 1 && only ? tools.meaning(definition.type, only.objectName, only.args) : [];
  return [...(able.length > 1 && loss.length > 0 ? [`${definition.title}:`] : []), ...loss, ...meant];
}

/** Why something is refused; undefined when it was done. */
function refusalBy(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return describeError(error).message;
  }
}
