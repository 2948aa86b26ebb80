import { type Inventory, now } from './inventory.ts';
import { type ObjectKind, parseTask, type StoredTask, selectTask, type TaskRow } from './tasks.ts';

/** A task on this object whose undo or clean-up is unfinished, which locks the object. */
export function unfinishedTask(db: Inventory, kind: ObjectKind, name: string): TaskRow | undefined {
  const row = db
    .prepare<[string, string], StoredTask>(
      `${selectTask} WHERE task.object_kind = ? AND task.object_name = ? AND unfinished IS NOT NULL LIMIT 1`,
    )
    .get(kind, name);
  return row && parseTask(row);
}

/** Requests a retry for every task on an object that left something unfinished. */
export function recoverObject(db: Inventory, kind: ObjectKind, name: string): void {
  db.prepare(
    `UPDATE task SET recover_requested_at = ? WHERE object_kind = ? AND object_name = ? AND unfinished IS NOT NULL`,
  ).run(now(), kind, name);
}

/** Requests a retry for every task that left something unfinished. */
export function recoverUnfinished(db: Inventory): void {
  db.prepare(
    'UPDATE task SET recover_requested_at = coalesce(recover_requested_at, ?) WHERE unfinished IS NOT NULL',
  ).run(now());
}

/** Clears the unfinished state of a deleted site's tasks, whatever they could not undo. */
export function clearUnfinished(db: Inventory, handle: string): void {
  db.prepare(
    `UPDATE task SET unfinished = NULL, recover_requested_at = NULL
     WHERE object_kind = 'site' AND unfinished IS NOT NULL AND json_extract(context, '$.site.handle') = ?`,
  ).run(handle);
}

/** Names of backups that tasks of a site began, and could neither record nor remove. */
export const unrecordedBackups = (db: Inventory, handle: string): string[] =>
  db
    .prepare<[string], string>(
      `SELECT json_extract(step.saved, '$.name') FROM task CROSS JOIN step ON step.task_id = task.id
       WHERE step.name = 'backup' AND step.saved IS NOT NULL AND step.state <> 'undone' AND unfinished IS NOT NULL
         AND NOT committed AND object_kind = 'site' AND json_extract(context, '$.site.handle') = ?`,
    )
    .pluck()
    .all(handle);

/** Requests a retry of the undo or clean-up that a task could not finish. */
export function requestRecover(db: Inventory, id: number): boolean {
  const { changes } = db
    .prepare('UPDATE task SET recover_requested_at = ? WHERE id = ? AND unfinished IS NOT NULL')
    .run(now(), id);
  return changes === 1;
}

/** Tasks for which a retry was requested. */
export function tasksToRecover(db: Inventory): TaskRow[] {
  return db
    .prepare<[], StoredTask>(
      // Without naming the index, SQLite would read all tasks in order.
      `${selectTask} INDEXED BY task_recover WHERE recover_requested_at IS NOT NULL AND unfinished IS NOT NULL
       ORDER BY task.id`,
    )
    .all()
    .map(parseTask);
}
