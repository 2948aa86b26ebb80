import type { TaskLine } from '../../db/lists.ts';

/** Without the attempts that were tried again: of each task on an object the newest, in the order that they had. */
export function newestAttempts(tasks: readonly TaskLine[]): TaskLine[] {
  const newest = new Map<string, number>();
  const key = ({ type, objectKind, objectName }: TaskLine): string => `${type} ${objectKind} ${objectName}`;
  for (const task of tasks) newest.set(key(task), Math.max(task.id, newest.get(key(task)) ?? 0));
  return tasks.filter((task) => newest.get(key(task)) === task.id);
}
