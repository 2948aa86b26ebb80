import type { ErrorDocument, Json } from '../provision/model/errors.ts';
import type { Inventory } from './inventory.ts';

export const taskStates = ['queued', 'running', 'interrupted', 'succeeded', 'warning', 'failed', 'cancelled'] as const;
export type TaskState = (typeof taskStates)[number];
export type TaskEnd = Extract<TaskState, 'succeeded' | 'warning' | 'failed' | 'cancelled'>;
export type ObjectKind = 'server' | 'platform' | 'site';

/** The progress of a running task. */
export interface TaskProgress {
  step: string;
  done: number;
  total: number;
  unit: string;
}

/** A task. Times are ISO 8601 UTC. */
export interface TaskRow {
  id: number;
  type: string;
  objectKind: ObjectKind;
  objectName: string;
  args: Record<string, Json>;
  context: Json;
  state: TaskState;
  committed: boolean;
  /** Why an undo or clean-up failed; the object is locked while this is set. */
  unfinished: string | null;
  attempt: number;
  retryOf: number | null;
  batch: string | null;
  timeLimitS: number;
  cancelRequestedAt: string | null;
  recoverRequestedAt: string | null;
  progress: TaskProgress | null;
  result: Record<string, Json>;
  error: ErrorDocument | null;
  queuedAt: string;
  startedAt: string | null;
  endedAt: string | null;
  /** Who queued it, from the audit log. */
  queuedBy: string;
}

type JsonColumn = 'args' | 'context' | 'progress' | 'result' | 'error';
export type StoredTask = Omit<TaskRow, JsonColumn | 'committed'> & { committed: number } & Record<
    JsonColumn,
    string | null
  >;

/** An SQL condition for open tasks, exactly as in the indexes on them. */
export const isOpen = `task.state IN ('queued', 'running', 'interrupted')`;

/** The start of every query for whole tasks, whose rows `parseTask` reads. */
export const selectTask = `SELECT task.id, type, task.object_kind AS objectKind, task.object_name AS objectName, args, context, state,
  committed, unfinished, attempt, retry_of AS retryOf, batch, time_limit_s AS timeLimitS,
  cancel_requested_at AS cancelRequestedAt, recover_requested_at AS recoverRequestedAt, progress, result, error,
  queued_at AS queuedAt, started_at AS startedAt, ended_at AS endedAt,
  coalesce((SELECT coalesce(sudo_user, actor) FROM audit WHERE audit.task_id = task.id ORDER BY id LIMIT 1), '') AS queuedBy
  FROM task`;

export const parseTask = (row: StoredTask): TaskRow => ({
  ...row,
  committed: row.committed === 1,
  args: JSON.parse(row.args ?? '{}') as TaskRow['args'],
  context: JSON.parse(row.context ?? 'null') as Json,
  progress: JSON.parse(row.progress ?? 'null') as TaskRow['progress'],
  result: JSON.parse(row.result ?? '{}') as TaskRow['result'],
  error: JSON.parse(row.error ?? 'null') as TaskRow['error'],
});

/**
 * SQL for the state of an object: 'deleting' while a task that deletes it is open, otherwise its stored state. It is
 * derived, so that a cancelled delete has nothing to restore.
 */
export const stateWithDeleting = (kind: ObjectKind, table: string, name: string): string =>
  `CASE WHEN EXISTS (SELECT 1 FROM task WHERE ${isOpen} AND task.object_name = ${name} AND task.type = '${kind}.delete')
     THEN 'deleting' ELSE ${table}.state END`;

/** A task by id, or undefined. */
export function findTask(db: Inventory, id: number): TaskRow | undefined {
  const row = db.prepare<[number], StoredTask>(`${selectTask} WHERE task.id = ?`).get(id);
  return row && parseTask(row);
}

/** Tasks, newest first: at most `limit`, of one object or in some states if given. */
export function listTasks(
  db: Inventory,
  only: {
    object?: { kind: ObjectKind; name: string } | undefined;
    type?: string | undefined;
    states?: TaskState[] | undefined;
    batch?: string | undefined;
    limit?: number | undefined;
  } = {},
): TaskRow[] {
  const { object, states } = only;
  // Unused conditions are left out of the query, so that an index fits those in it.
  const where = [
    ...(object ? ['task.object_kind = @kind AND task.object_name = @name'] : []),
    ...(only.type === undefined ? [] : ['type = @type']),
    ...(only.batch === undefined ? [] : ['batch = @batch']),
    ...(states ? ['state IN (SELECT value FROM json_each(@states))'] : []),
  ];
  const rows = db
    .prepare<unknown[], StoredTask>(
      `${selectTask} ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY task.id DESC LIMIT @limit`,
    )
    .all({
      ...object,
      type: only.type,
      batch: only.batch,
      states: JSON.stringify(states),
      limit: only.limit ?? -1,
    });
  return rows.map(parseTask);
}

/** Queued, running and interrupted tasks, oldest first. */
export function openTasks(db: Inventory): TaskRow[] {
  return db.prepare<[], StoredTask>(`${selectTask} WHERE ${isOpen} ORDER BY task.id`).all().map(parseTask);
}

/** The id of a waiting task of this type on an object; undefined if there is none. */
export const waitingTask = (db: Inventory, type: string, kind: ObjectKind, name: string): number | undefined =>
  db
    .prepare<[string, string, string], number>(
      `SELECT id FROM task WHERE ${isOpen} AND object_name = +? AND type = +? AND object_kind = +? AND state = 'queued'
       ORDER BY id LIMIT 1`,
    )
    .pluck()
    .get(name, type, kind);

/** Which of some tasks are no longer open, or no longer exist. */
export const endedTasks = (db: Inventory, ids: readonly number[]): number[] =>
  db
    .prepare<[string], number>(
      `SELECT wanted.value FROM json_each(?) wanted LEFT JOIN task ON task.id = wanted.value
       WHERE task.id IS NULL OR NOT ${isOpen}`,
    )
    .pluck()
    .all(JSON.stringify(ids));

/** True while a task on this object is open. */
export const isBusy = (db: Inventory, kind: ObjectKind, name: string): boolean =>
  db.prepare(`SELECT 1 FROM task WHERE ${isOpen} AND object_name = ? AND object_kind = ?`).get(name, kind) !==
  undefined;

/** The id of an open task that will use a backup; undefined if there is none. */
export const taskWithBackup = (db: Inventory, backup: string): number | undefined =>
  db
    .prepare<[string], number>(
      `SELECT id FROM task INDEXED BY task_open_backup
       WHERE ${isOpen} AND args ->> '$.backup' IS NOT NULL AND args ->> '$.backup' = +? ORDER BY id LIMIT 1`,
    )
    .pluck()
    .get(backup);

/** The newest task of each object of a kind, by object name. */
export function lastTasks(db: Inventory, kind: ObjectKind): Map<string, TaskRow> {
  const rows = db
    .prepare<[string], StoredTask>(
      `${selectTask} WHERE task.id IN (SELECT max(id) FROM task WHERE object_kind = ? GROUP BY object_name)`,
    )
    .all(kind);
  return new Map(rows.map((row) => [row.objectName, parseTask(row)]));
}

/** When a site of this name was last deleted (ISO 8601 UTC); undefined if never. */
export const lastDeleted = (db: Inventory, uri: string): string | undefined =>
  db
    .prepare<[string], string | null>(
      `SELECT max(started_at) FROM task
       WHERE object_kind = 'site' AND object_name = ? AND type = 'site.delete' AND committed = 1`,
    )
    .pluck()
    .get(uri) ?? undefined;

/** The secrets of a task that has not ended. */
export function taskSecrets(db: Inventory, id: number): Record<string, string> {
  const text = db.prepare<[number], string>('SELECT secrets FROM task_secret WHERE task_id = ?').pluck().get(id);
  return text === undefined ? {} : (JSON.parse(text) as Record<string, string>);
}
