import type { ErrorDocument, Json } from '../provision/model/errors.ts';
import { commitLazily, type Inventory, now, transact } from './inventory.ts';
import {
  isOpen,
  type ObjectKind,
  parseTask,
  type StoredTask,
  selectTask,
  type TaskEnd,
  type TaskProgress,
  type TaskRow,
} from './tasks.ts';

/** The facts of a new task. */
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

/** Marks a queued task as running and stores its context. False if it is no longer queued, or is to be cancelled. */
export function startTask(db: Inventory, id: number, context: Json): boolean {
  const { changes } = db
    .prepare(
      `UPDATE task SET state = 'running', context = ?, started_at = ?
       WHERE id = ? AND state = 'queued' AND cancel_requested_at IS NULL`,
    )
    .run(JSON.stringify(context), now(), id);
  return changes === 1;
}

/** Marks tasks that a crashed worker left running as interrupted; returns them. */
export function interruptTasks(db: Inventory): TaskRow[] {
  db.prepare(`UPDATE task SET state = 'interrupted' WHERE ${isOpen} AND state = 'running'`).run();
  return db
    .prepare<[], StoredTask>(`${selectTask} WHERE ${isOpen} AND state = 'interrupted' ORDER BY task.id`)
    .all()
    .map(parseTask);
}

/** Marks a task as left to the next worker; `error` is why it is being undone, if known. */
export function leaveTask(db: Inventory, id: number, error?: ErrorDocument): void {
  db.prepare(`UPDATE task SET state = 'interrupted', error = ? WHERE id = ?`).run(
    error ? JSON.stringify(error) : null,
    id,
  );
}

/** Queues an undone task again, at its old place in the queue, as if it had never begun. */
export function requeueTask(db: Inventory, id: number): void {
  transact(db, () => {
    db.prepare('DELETE FROM step WHERE task_id = ?').run(id);
    db.prepare(
      `UPDATE task SET state = 'queued', context = NULL, result = '{}', error = NULL, progress = NULL, started_at = NULL
       WHERE id = ?`,
    ).run(id);
  });
}

/** Records that a task is committed, so that it is only finished and no longer undone. Call it in that transaction. */
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
 * Removes ended tasks of one type and site that `actor` queued, except the newest `keep` and those that left something
 * unfinished. Returns their ids; their logs are separate files.
 */
export function pruneTasks(db: Inventory, type: string, uri: string, of: { actor: string; keep: number }): number[] {
  const ids = db
    .prepare<unknown[], number>(
      `SELECT id FROM task WHERE object_kind = 'site' AND object_name = @uri AND type = @type
         AND ended_at IS NOT NULL AND unfinished IS NULL
         AND EXISTS (SELECT 1 FROM audit WHERE audit.task_id = task.id AND audit.actor = @actor)
         AND NOT EXISTS (SELECT 1 FROM task again WHERE again.retry_of = task.id)
       ORDER BY id DESC LIMIT -1 OFFSET @keep`,
    )
    .pluck()
    .all({ type, uri, ...of });
  for (const id of ids) {
    db.prepare('DELETE FROM audit WHERE task_id = ?').run(id);
    // A backup outlives its task.
    db.prepare('UPDATE backup SET task_id = NULL WHERE task_id = ?').run(id);
    db.prepare('DELETE FROM task WHERE id = ?').run(id);
  }
  return ids;
}

/** Stores the progress of a task. */
export function saveProgress(db: Inventory, id: number, progress: TaskProgress): void {
  commitLazily(db, () => {
    db.prepare('UPDATE task SET progress = ? WHERE id = ?').run(JSON.stringify(progress), id);
  });
}

/** Requests the cancellation of a task. True if it was queued or running. */
export function requestCancel(db: Inventory, id: number): boolean {
  const { changes } = db
    .prepare(
      `UPDATE task SET cancel_requested_at = coalesce(cancel_requested_at, ?) WHERE id = ? AND state IN ('queued', 'running')`,
    )
    .run(now(), id);
  return changes === 1;
}
