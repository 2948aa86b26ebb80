import type { Inventory } from './inventory.ts';
import { listTaskLines, type TaskLine, taskLinesOf } from './lists.ts';
import { sitesChanged } from './site-lines.ts';

/** The newest tasks as rows, newest first, and the revision of the sites by whose names they are called. */
export interface TaskList {
  lines: TaskLine[];
  sites: number;
}

/**
 * The newest `limit` tasks: reads the rows that are new or may have changed since an earlier list, and of the others only
 * their ids. Rows that stay are the same objects; where nothing changed, so is the list.
 */
export function refreshTaskList(db: Inventory, limit: number, old?: TaskList): TaskList {
  const { revision: sites, uris } = sitesChanged(db, old?.sites ?? -1);
  if (!old || !uris) return { lines: listTaskLines(db, limit), sites };
  const renamed = new Set(uris);
  // What has ended stays as it is, unless something of it is left to be done, or its site gets another name.
  const stays = ({ endedAt, unfinished, objectKind, objectName }: TaskLine): boolean =>
    endedAt !== null && !unfinished && !(objectKind === 'site' && renamed.has(objectName));
  const known = new Map(old.lines.filter(stays).map((line) => [line.id, line]));
  const ids = db
    .prepare<[number], number>('SELECT task.id FROM task ORDER BY task.id DESC LIMIT +?')
    .pluck()
    .all(limit);
  const wanted = ids.filter((id) => !known.has(id));
  if (wanted.length === 0 && ids.length === old.lines.length) return { lines: old.lines, sites };
  const read = new Map(taskLinesOf(db, wanted).map((line) => [line.id, line]));
  const lines = ids.flatMap((id) => known.get(id) ?? read.get(id) ?? []);
  return { lines, sites };
}
