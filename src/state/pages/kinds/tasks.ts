import { listTaskLines } from '../../../db/lists.ts';
import { MOST_TASKS } from '../../model/data.ts';
import { taskTable } from '../../tables/tables.ts';
import { definePage } from '../definition.ts';
import { tableFrom } from '../page-table.ts';

/** The newest tasks. */
export const tasksPage = definePage({
  kind: 'tasks',
  title: 'Tasks',
  view: { key: '4' },
  list: {
    table: tableFrom(taskTable, ({ data }) => data.tasks),
    rowKind: 'task',
    opens: 'task',
    marks: true,
    limit: MOST_TASKS,
  },
  read: ({ db }) => ({ tasks: listTaskLines(db, MOST_TASKS) }),
});
