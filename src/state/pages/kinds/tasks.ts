import { refreshTaskList, type TaskList } from '../../../db/task-list.ts';
import { MOST_TASKS } from '../../model/data.ts';
import { taskTable } from '../../tables/tables.ts';
import { definePage } from '../definition.ts';
import { ownData } from '../own-data.ts';
import { tableFrom } from '../page-table.ts';

const kept = ownData<TaskList | undefined>(undefined);

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
  read({ db }, _page, old) {
    const list = refreshTaskList(db, MOST_TASKS, kept.of(old));
    return { tasks: list.lines, ...kept.put(old, list) };
  },
});
