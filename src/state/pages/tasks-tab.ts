import { taskTable } from '../tables/tables.ts';
import type { PageTab } from './definition.ts';
import { tableFrom } from './page-table.ts';

/** The tasks of the object that a page is about. Its `read` reads them as `objectTasks`. */
export const tasksTab: PageTab = {
  id: 'tasks',
  title: 'Tasks',
  table: tableFrom(taskTable, ({ data }) => data.objectTasks),
  rowKind: 'task',
  opens: 'task',
};
