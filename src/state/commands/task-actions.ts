import { findTask, type TaskRow } from '../../db/tasks.ts';
import type { AnyTask } from '../../provision/tasks/model/tasks.ts';
import { dangerOf } from '../../worker/marking.ts';
import type { Access } from '../../worker/queue-access.ts';
import { askForName, askForYes, lossOf } from '../forms/ask-first.ts';
import type { TaskCatalogue } from '../model/catalogue.ts';
import type { TaskActions } from '../model/command.ts';
import { currentPage, emptyPage } from '../model/state.ts';
import { leavePage, openPage } from '../pages/navigation.ts';
import { chooseTasks, counted, doEach, refusalBy, type TaskTools, taskLines, titleOf } from './chosen-tasks.ts';

/** The actions on tasks, over the queue. */
export const makeTaskActions = (tools: TaskTools): TaskActions => ({
  cancel: (ids) => cancel(tools, ids, (rows) => ids.length > 1 || rows.some(begun)),
  retry: (ids) => retry(tools, ids),
  recover: (ids) => recover(tools, ids),
  undo: () => undo(tools),
  showLast: () => showLast(tools),
});

function cancel(
  tools: TaskTools,
  ids: readonly number[],
  ask: (rows: readonly TaskRow[]) => boolean,
  then = (): void => {},
): void {
  const chosen = chooseTasks(tools, ids, (catalogue, queue, id) =>
    refusalBy(() => catalogue.cancellableTask(queue, id)),
  );
  if (!chosen) return;
  const { able, queue, catalogue } = chosen;
  const go = (): void => {
    const words = { doing: 'cancel', said: 'Being cancelled' };
    doEach(
      tools,
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
  askForYes(tools.act, {
    title: `Cancel ${titleOf(able)}?`,
    lines: ['What a task has begun is undone; one that waits does not begin.', '', ...taskLines(chosen)],
    yes: 'Yes, cancel',
    no: able.length === 1 ? 'No, leave it' : 'No, leave them',
    run: go,
  });
}

/** Cancels what was queued last, after a question where some of it has begun. */
function undo(tools: TaskTools): void {
  const { act } = tools;
  const forget = (): void => act.update((state) => ({ ...state, lastQueued: [] }));
  cancel(tools, act.state().lastQueued, (rows) => rows.some(begun), forget);
}

/** Why the queue would not take a task on its object now. */
function refusedNow({ act }: TaskTools, catalogue: TaskCatalogue, queue: Access, id: number): string | undefined {
  const task = findTask(queue.inventory, id);
  const makes = catalogue.definitions.some(({ type, creates }) => type === task?.type && creates);
  if (!task || makes) return undefined;
  return act.facts.refusal(task.type, { kind: task.objectKind, name: task.objectName });
}

function retry(tools: TaskTools, ids: readonly number[]): void {
  const { act } = tools;
  const chosen = chooseTasks(
    tools,
    ids,
    (catalogue, queue, id) => refusalBy(() => catalogue.retryOf(queue, id)) ?? refusedNow(tools, catalogue, queue, id),
  );
  if (!chosen) return;
  const { able, queue, catalogue } = chosen;
  const definitions = catalogue.definitions.filter(({ type }) => able.some((task) => task.type === type));
  const go = (): void => {
    const words = { doing: 'queue again', said: 'Queued again' };
    doEach(tools, chosen, words, (id) => catalogue.retryTask(queue, id), showAgain);
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
    lines: [...definitions.flatMap((one) => meaningOf(tools, one, able)), ...taskLines(chosen)],
    run: go,
  };
  if (typed)
    askForName(act, {
      ...question,
      expected: able.length === 1 ? (able[0]?.objectName ?? '') : counted(able.length),
    });
  else askForYes(act, { ...question, yes: 'Yes, try again', no: 'No, leave it' });
}

function recover(tools: TaskTools, ids: readonly number[]): void {
  const chosen = chooseTasks(tools, ids, (catalogue, queue, id) =>
    refusalBy(() => catalogue.recoverableTask(queue, id)),
  );
  if (!chosen) return;
  doEach(tools, chosen, { doing: 'ask to finish', said: 'Will be tried to finish again' }, (id) => {
    chosen.catalogue.recoverLater(chosen.queue, id);
    return id;
  });
}

/** Opens what was queued last: the task, or the batch where they are several. */
function showLast({ act, queue }: TaskTools): void {
  const ids = act.state().lastQueued;
  const db = queue()?.inventory;
  const batches = new Set(ids.map((id) => (db && findTask(db, id)?.batch) ?? ''));
  const [batch = ''] = batches;
  const page =
    ids.length > 1 && batches.size === 1 && batch !== ''
      ? emptyPage('batch', batch)
      : emptyPage('task', String(ids.at(-1) ?? ''));
  act.update((state) => openPage(state, page));
}

const begun = ({ state }: TaskRow): boolean => state === 'running';

/** What the tasks of one type mean for their objects. */
function meaningOf(tools: TaskTools, definition: AnyTask, able: readonly TaskRow[]): string[] {
  const rows = able.filter(({ type }) => type === definition.type);
  const names = [...new Set(rows.map(({ objectName }) => objectName))];
  const loss = lossOf(tools, definition, names);
  const [only] = rows;
  const meant = able.length === 1 && only ? tools.meaning(definition.type, only.objectName, only.args) : [];
  return [...(able.length > 1 && loss.length > 0 ? [`${definition.title}:`] : []), ...loss, ...meant];
}
