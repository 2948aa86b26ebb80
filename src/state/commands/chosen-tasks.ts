import { findTask, type TaskRow } from '../../db/tasks.ts';
import { describeError } from '../../provision/model/errors.ts';
import type { Access } from '../../worker/queue-access.ts';
import { inSlices } from '../../worker/slices.ts';
import type { AskTools } from '../forms/ask-first.ts';
import { fewReasons } from '../forms/many.ts';
import type { TaskCatalogue } from '../model/catalogue.ts';
import { changeList } from '../pages/list.ts';
import { verbOf } from '../tables/cells.ts';

/** What the actions on tasks need of the store. */
export interface TaskTools extends AskTools {
  reload(): void;
}

/** What tasks can be done with, and why others are left out. */
export interface Chosen {
  queue: Access;
  catalogue: TaskCatalogue;
  able: TaskRow[];
  left: { task: string; why: string }[];
}

/** Tells apart what can be done; says why when nothing can. */
export function chooseTasks(
  tools: TaskTools,
  ids: readonly number[],
  whyNot: (catalogue: TaskCatalogue, queue: Access, id: number) => string | undefined,
): Chosen | undefined {
  const { act } = tools;
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
export function doEach(
  tools: TaskTools,
  chosen: Chosen,
  { doing, said }: { doing: string; said: string },
  work: (id: number) => number,
  then: (done: readonly number[]) => void = () => {},
): void {
  const { act } = tools;
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

/** How many they are: "3 tasks". */
export const counted = (tasks: number): string => (tasks === 1 ? '1 task' : `${tasks} tasks`);
/** "backup shop.example.org" */
export const wordsOf = ({ type, objectName }: TaskRow): string => `${verbOf(type)} ${objectName}`;

/** What they are called in a question. */
export const titleOf = (rows: readonly TaskRow[]): string => {
  const [only] = rows;
  return only && rows.length === 1 ? wordsOf(only) : counted(rows.length);
};

/** Every task by name: those it is done with where they are several, and those that are left out. */
export const taskLines = ({ able, left }: Chosen): string[] => [
  ...(able.length > 1 ? able.map((row) => `  ${wordsOf(row)} (task ${row.id}, ${row.state})`) : []),
  ...left.map(({ task, why }) => `  left out: ${task} (${why})`),
];

/** Why something is refused; undefined when it was done. */
export function refusalBy(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return describeError(error).message;
  }
}
