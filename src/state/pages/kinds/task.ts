import { listSteps } from '../../../db/journal.ts';
import { listTaskLines, openTaskIds, openTaskLines, type TaskLine } from '../../../db/lists.ts';
import { findTask } from '../../../db/tasks.ts';
import type { PaletteEntry } from '../../model/parts.ts';
import { verbOf } from '../../tables/cells.ts';
import { formatAgo } from '../../text/format.ts';
import { definePage, MOST_NAMES, type PaletteSource } from '../definition.ts';

/** One task: how it stands, its steps, its log. */
export const taskPage = definePage({
  kind: 'task',
  title: 'Tasks',
  goTo: 'Go to a task',
  about: 'task',
  body: 'task',
  log: {
    look: { name: 'task', first: { wrap: false, timestamps: false } },
    oneDay: true,
    numbered: true,
    source: (files, { name }) => files.ofTask(Number(name)),
    saveAs: ({ name }) => `task-${name}.log`,
    link({ data: { task } }, { name }) {
      const url = String(task?.id) === name ? task?.result.url : undefined;
      return typeof url === 'string' ? url : undefined;
    },
  },
  breadcrumb: ({ data: { task } }, { name }) =>
    task && String(task.id) === name ? ['Tasks', `${verbOf(task.type)} ${task.objectName}`] : undefined,
  read: ({ db }, { name }) => ({ task: findTask(db, Number(name)), steps: listSteps(db, Number(name)) }),
  names: { of: 'task', read: (db, begun) => openTaskIds(db, begun, MOST_NAMES) },
  palette: { order: 1, read: paletteTasks },
});

/** Older ones, and what waits behind so many, are found in their own list. */
const MOST_OPEN = 1000;
const RECENT = 200;

function paletteTasks({ db, now }: PaletteSource): PaletteEntry[] {
  const ended = listTaskLines(db, RECENT).filter(({ endedAt }) => endedAt !== null);
  return [...openTaskLines(db, MOST_OPEN), ...ended].map((task) => paletteTask(task, now));
}

const paletteTask = ({ id, type, objectName, state, endedAt }: TaskLine, now: number): PaletteEntry => ({
  kind: 'task',
  name: String(id),
  text: `${verbOf(type)} ${objectName}`,
  about: `task ${id}, ${state}${endedAt === null ? '' : ` ${formatAgo(endedAt, now)}`}`,
});
