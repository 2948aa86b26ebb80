import type { ErrorDocument, Json } from '../provision/errors.ts';
import { type Inventory, now, transact } from './inventory.ts';

export const taskStates = ['queued', 'running', 'interrupted', 'succeeded', 'warning', 'failed', 'cancelled'] as const;
export type TaskState = (typeof taskStates)[number];
export type TaskEnd = Extract<TaskState, 'succeeded' | 'warning' | 'failed' | 'cancelled'>;
export type ObjectKind = 'server' | 'platform' | 'site';

/** How far a running task is. */
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
  /** Why an undo or clean-up could not finish; the object is locked while this is set. */
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
  /** Who queued it: from the audit. */
  queuedBy: string;
}

type JsonColumn = 'args' | 'context' | 'progress' | 'result' | 'error';
export type StoredTask = Omit<TaskRow, JsonColumn | 'committed'> & { committed: number } & Record<
    JsonColumn,
    string | null
  >;

/** Begins every query for whole tasks; what it gives is read by `parseTask`. */
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
 * SQL for the state of an object: 'deleting' while a task that deletes it is open, else what its row says.
 * Derived, so that a delete that was cancelled leaves nothing to put back.
 */
export const stateWithDeleting = (kind: ObjectKind, table: string, name: string): string =>
  `CASE WHEN EXISTS (SELECT 1 FROM task WHERE task.state IN ('queued', 'running', 'interrupted')
     AND task.type = '${kind}.delete' AND task.object_name = ${name}) THEN 'deleting' ELSE ${table}.state END`;

/** What a new task is made of. */
export interface NewTask {
  type: string;
  objectKind: ObjectKind;
  objectName: string;
  args: Record<string, Json>;
  secrets: Record<string, string>;
  timeLimitS: number;
  attempt?: number;
  retryOf?: number;
  batch?: string;
}

/** Queues a task and returns its id. */
export function insertTask(db: Inventory, task: NewTask): number {
  return transact(db, () => {
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO task (type, object_kind, object_name, args, state, attempt, retry_of, batch, time_limit_s, queued_at)
         VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?)`,
      )
      .run(
        task.type,
        task.objectKind,
        task.objectName,
        JSON.stringify(task.args),
        task.attempt ?? 1,
        task.retryOf ?? null,
        task.batch ?? null,
        task.timeLimitS,
        now(),
      );
    const id = Number(lastInsertRowid);
    if (Object.keys(task.secrets).length > 0) {
      db.prepare('INSERT INTO task_secret (task_id, secrets) VALUES (?, ?)').run(id, JSON.stringify(task.secrets));
    }
    return id;
  });
}

/** A task by id, or undefined. */
export function findTask(db: Inventory, id: number): TaskRow | undefined {
  const row = db.prepare<[number], StoredTask>(`${selectTask} WHERE task.id = ?`).get(id);
  return row && parseTask(row);
}

/** Tasks, newest first: at most `limit`, of one object or in some states when asked. */
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
  const rows = db
    .prepare<unknown[], StoredTask>(
      `${selectTask} WHERE (@kind IS NULL OR (task.object_kind = @kind AND task.object_name = @name))
         AND (@type IS NULL OR type = @type) AND (@batch IS NULL OR batch = @batch)
         AND (@states IS NULL OR state IN (SELECT value FROM json_each(@states))) ORDER BY task.id DESC LIMIT @limit`,
    )
    .all({
      kind: object?.kind ?? null,
      name: object?.name ?? null,
      type: only.type ?? null,
      batch: only.batch ?? null,
      states: states ? JSON.stringify(states) : null,
      limit: only.limit ?? -1,
    });
  return rows.map(parseTask);
}

/** Queued, running and interrupted tasks, oldest first. */
export function openTasks(db: Inventory): TaskRow[] {
  return db
    .prepare<[], StoredTask>(`${selectTask} WHERE state IN ('queued', 'running', 'interrupted') ORDER BY task.id`)
    .all()
    .map(parseTask);
}

/** The newest task of each object of a kind, by object name. */
export function lastTasks(db: Inventory, kind: ObjectKind): Map<string, TaskRow> {
  const rows = db
    .prepare<[string], StoredTask>(
      `${selectTask} WHERE task.id IN (SELECT max(id) FROM task WHERE object_kind = ? GROUP BY object_name)`,
    )
    .all(kind);
  return new Map(rows.map((row) => [row.objectName, parseTask(row)]));
}

/** When a site of this name was deleted last (ISO 8601 UTC); undefined where none was. */
export const lastDeleted = (db: Inventory, uri: string): string | undefined =>
  db
    .prepare<[string], string | null>(
      `SELECT max(started_at) FROM task WHERE type = 'site.delete' AND object_name = ? AND committed = 1`,
    )
    .pluck()
    .get(uri) ?? undefined;

/** The secrets of a task that has not ended. */
export function taskSecrets(db: Inventory, id: number): Record<string, string> {
  const text = db.prepare<[number], string>('SELECT secrets FROM task_secret WHERE task_id = ?').pluck().get(id);
  return text === undefined ? {} : (JSON.parse(text) as Record<string, string>);
}

/** Marks a queued task as running and freezes its context. False when it is not queued any more. */
export function startTask(db: Inventory, id: number, context: Json): boolean {
  const { changes } = db
    .prepare(`UPDATE task SET state = 'running', context = ?, started_at = ? WHERE id = ? AND state = 'queued'`)
    .run(JSON.stringify(context), now(), id);
  return changes === 1;
}

/** Marks tasks that a dead worker left running; returns them. */
export function interruptTasks(db: Inventory): TaskRow[] {
  db.prepare(`UPDATE task SET state = 'interrupted' WHERE state = 'running'`).run();
  return listTasks(db, { states: ['interrupted'] }).reverse();
}

/** Notes that the task's outcome is in the inventory: from here it only goes forward. Call within that transaction. */
export function markCommitted(db: Inventory, id: number, result: Record<string, Json>): void {
  db.prepare('UPDATE task SET committed = 1, result = ? WHERE id = ?').run(JSON.stringify(result), id);
}

/** Ends a task and wipes its secrets. */
export function endTask(
  db: Inventory,
  id: number,
  end: { state: TaskEnd; error?: ErrorDocument; unfinished?: string; result?: Record<string, Json> },
): void {
  transact(db, () => {
    db.prepare(
      `UPDATE task SET state = ?, error = ?, unfinished = ?, progress = NULL, recover_requested_at = NULL, ended_at = ?,
         result = coalesce(?, result)
       WHERE id = ?`,
    ).run(
      end.state,
      end.error ? JSON.stringify(end.error) : null,
      end.unfinished ?? null,
      now(),
      end.result ? JSON.stringify(end.result) : null,
      id,
    );
    db.prepare('DELETE FROM task_secret WHERE task_id = ?').run(id);
  });
}

/**
 * Removes ended tasks of one type and object that `actor` queued, but for the newest `keep` and those that left
 * something unfinished. Returns their ids; their logs are files of their own.
 */
export function pruneTasks(db: Inventory, type: string, name: string, of: { actor: string; keep: number }): number[] {
  const ids = db
    .prepare<unknown[], number>(
      `SELECT task.id FROM task JOIN audit ON audit.task_id = task.id AND audit.actor = @actor
       WHERE type = @type AND task.object_name = @name AND ended_at IS NOT NULL AND unfinished IS NULL
         AND NOT EXISTS (SELECT 1 FROM task again WHERE again.retry_of = task.id)
       GROUP BY task.id ORDER BY task.id DESC LIMIT -1 OFFSET @keep`,
    )
    .pluck()
    .all({ type, name, ...of });
  for (const id of ids) {
    db.prepare('DELETE FROM audit WHERE task_id = ?').run(id);
    // A backup outlives the task that made it.
    db.prepare('UPDATE backup SET task_id = NULL WHERE task_id = ?').run(id);
    db.prepare('DELETE FROM task WHERE id = ?').run(id);
  }
  return ids;
}

/** Stores how far a task is. */
export function saveProgress(db: Inventory, id: number, progress: TaskProgress): void {
  db.prepare('UPDATE task SET progress = ? WHERE id = ?').run(JSON.stringify(progress), id);
}

/** Asks for a task to be stopped. True when it was queued or running. */
export function requestCancel(db: Inventory, id: number): boolean {
  const { changes } = db
    .prepare(
      `UPDATE task SET cancel_requested_at = coalesce(cancel_requested_at, ?) WHERE id = ? AND state IN ('queued', 'running')`,
    )
    .run(now(), id);
  return changes === 1;
}
