import type { Inventory } from './inventory.ts';
import { isOpen, type ObjectKind, type TaskProgress, type TaskState } from './tasks.ts';

/** A task as a row of a list: without its arguments, context and result, which can be long. */
export interface TaskLine {
  id: number;
  type: string;
  objectKind: ObjectKind;
  objectName: string;
  state: TaskState;
  /** True if its undo or clean-up failed. */
  unfinished: boolean;
  attempt: number;
  batch: string | null;
  cancelRequested: boolean;
  progress: TaskProgress | null;
  queuedAt: string;
  startedAt: string | null;
  endedAt: string | null;
  queuedBy: string;
}

/** Sorted URIs of sites: all, or the first `limit` that begin with a text. */
export function listSiteNames(db: Inventory, prefix = '', limit = -1): string[] {
  return db
    .prepare<[string, string, number], string>(
      `SELECT name FROM site_name WHERE kind = 'uri' AND name >= ? AND name < ? ORDER BY name LIMIT ?`,
    )
    .pluck()
    .all(prefix, `${prefix}\u{10ffff}`, limit);
}

/** Tasks as rows, newest first, at most `limit`; of one object or batch if given. */
export function listTaskLines(
  db: Inventory,
  limit: number,
  of?: { kind: ObjectKind; name: string } | { batch: string },
): TaskLine[] {
  const own = of && ('batch' in of ? 'task.batch = @batch' : 'task.object_kind = @kind AND task.object_name = @name');
  const where = own ? `WHERE ${own}` : '';
  return db
    .prepare<{ limit: number; kind?: string; name?: string; batch?: string }, StoredLine>(
      `${select} ${where} ORDER BY task.id DESC LIMIT +@limit`,
    )
    .all({ limit, ...of })
    .map(parse);
}

/** The tasks with these ids as rows. */
export const taskLinesOf = (db: Inventory, ids: readonly number[]): TaskLine[] =>
  db
    .prepare<[string], StoredLine>(`${select} WHERE task.id IN (SELECT value FROM json_each(?))`)
    .all(JSON.stringify(ids))
    .map(parse);

/** Queued, running and interrupted tasks as rows, oldest first, at most `limit`. */
export function openTaskLines(db: Inventory, limit: number): TaskLine[] {
  return db.prepare<[number], StoredLine>(`${select} WHERE ${isOpen} ORDER BY task.id LIMIT +?`).all(limit).map(parse);
}

/** Running tasks as rows, oldest first. */
export const runningTaskLines = (db: Inventory): TaskLine[] =>
  db.prepare<[], StoredLine>(`${select} WHERE ${isOpen} AND task.state = 'running' ORDER BY task.id`).all().map(parse);

/** How many tasks are queued or interrupted. */
export const countWaiting = (db: Inventory): number =>
  db
    .prepare<[], number>(`SELECT count(*) FROM task INDEXED BY task_open WHERE ${isOpen} AND task.state <> 'running'`)
    .pluck()
    .get() ?? 0;

/** The ids of open tasks that begin with a text, at most `limit`. */
export const openTaskIds = (db: Inventory, prefix: string, limit: number): string[] =>
  db
    .prepare<[], number>(`SELECT id FROM task INDEXED BY task_open WHERE ${isOpen}`)
    .pluck()
    .all()
    .map(String)
    .filter((id) => id.startsWith(prefix))
    .slice(0, limit);

/** The newest task of each of the given objects, by object name. */
export function lastTaskLines(db: Inventory, kind: ObjectKind, names: readonly string[]): Map<string, TaskLine> {
  const rows = db
    .prepare<{ kind: string; names: string }, StoredLine>(
      `${select} WHERE task.id IN (
         SELECT (SELECT max(id) FROM task last WHERE last.object_kind = +@kind AND last.object_name = named.value)
         FROM json_each(@names) named)`,
    )
    .all({ kind, names: JSON.stringify(names) });
  return new Map(rows.map((row) => [row.objectName, parse(row)]));
}

/** A text that changes whenever `lastTaskStates` may change: with a new task, or a new state of an open one. */
export const tasksRevision = (db: Inventory): string =>
  db
    .prepare<[], string>(
      // Sums per state identify the set of tasks without listing all of them.
      `SELECT (SELECT max(id) FROM task) || ' ' || coalesce(group_concat(state || tasks || '/' || ids), '') FROM
         (SELECT state, count(*) AS tasks, sum(id) AS ids FROM task WHERE ${isOpen} GROUP BY state)`,
    )
    .pluck()
    .get() ?? '';

/** The state of each object's newest task, by object name: "verify failed". */
export const lastTaskStates = (db: Inventory, kind: ObjectKind): Map<string, string> =>
  new Map(
    db
      .prepare<[string], [string, string]>(
        `SELECT name, substr(type, instr(type, '.') + 1) || ' ' || state FROM task JOIN
           (SELECT object_name AS name, max(id) AS newest FROM task WHERE object_kind = ? GROUP BY object_name)
         ON task.id = newest`,
      )
      .raw()
      .all(kind),
  );

/** How many sites and platforms there are. */
export function countObjects(db: Inventory): { sites: number; platforms: number } {
  const count = (table: 'site' | 'platform'): number =>
    Number(db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get());
  return { sites: count('site'), platforms: count('platform') };
}

/** A client as a row of a list. */
export interface ClientLine {
  name: string;
  mail: string;
  sites: number;
  disabled: number;
  /** Sum of the measured sizes of its sites. */
  diskBytes: number;
  /** Quotas; null for none. */
  maxSites: number | null;
  maxDiskBytes: number | null;
  createdAt: string;
}

/** All clients, by name, with the number of their sites. */
export function listClientLines(db: Inventory): ClientLine[] {
  return db
    .prepare<[], ClientLine>(
      `SELECT client.name, client.mail, count(site.id) AS sites, count(site.id) FILTER (WHERE site.state = 'disabled') AS disabled,
         coalesce(sum(site.disk_bytes), 0) AS diskBytes, max_sites AS maxSites, max_disk_bytes AS maxDiskBytes,
         client.created_at AS createdAt
       FROM client LEFT JOIN site ON site.client_id = client.id GROUP BY client.id ORDER BY client.name`,
    )
    .all();
}

/** The names of all clients, in order. */
export function listClientNames(db: Inventory): string[] {
  return db.prepare<[], string>('SELECT name FROM client ORDER BY name').pluck().all();
}

type StoredLine = Omit<TaskLine, 'unfinished' | 'cancelRequested' | 'progress'> & {
  unfinished: number;
  cancelRequested: number;
  progress: string | null;
};

const select = `SELECT task.id, type, task.object_kind AS objectKind, task.object_name AS objectName, state,
  unfinished IS NOT NULL AS unfinished, attempt, batch, cancel_requested_at IS NOT NULL AS cancelRequested, progress,
  queued_at AS queuedAt, started_at AS startedAt, ended_at AS endedAt,
  coalesce((SELECT coalesce(sudo_user, actor) FROM audit WHERE audit.task_id = task.id ORDER BY id LIMIT 1), '') AS queuedBy
  FROM task`;

const parse = (row: StoredLine): TaskLine => ({
  ...row,
  unfinished: row.unfinished === 1,
  cancelRequested: row.cancelRequested === 1,
  progress: row.progress === null ? null : (JSON.parse(row.progress) as TaskProgress),
});
