import type { Inventory } from './inventory.ts';
import type { TaskState } from './tasks.ts';

/** Tasks that were queued together. */
export interface Batch {
  id: string;
  /** How many of its tasks may run in parallel. */
  atOnce: number;
  /** If one task fails, those that still wait are cancelled. */
  stopOnFailure: boolean;
}

/** Creates a batch, before the tasks with its id. */
export function insertBatch(db: Inventory, { id, atOnce, stopOnFailure }: Batch): void {
  db.prepare('INSERT INTO batch (id, at_once, stop_on_failure) VALUES (?, ?, ?)').run(
    id,
    atOnce,
    stopOnFailure ? 1 : 0,
  );
}

/** A batch with the number of its tasks in each state; undefined for an id that only groups tasks. */
export function findBatch(
  db: Inventory,
  id: string,
): (Batch & { counts: Partial<Record<TaskState, number>> }) | undefined {
  const row = db
    .prepare<[string], { atOnce: number; stop: number }>(
      'SELECT at_once AS atOnce, stop_on_failure AS stop FROM batch WHERE id = ?',
    )
    .get(id);
  return row && { id, atOnce: row.atOnce, stopOnFailure: row.stop === 1, counts: countsOf(db, id) };
}

/** Ids of batches that begin with a text, newest first, at most `limit`. */
export function listBatchIds(db: Inventory, prefix: string, limit: number): string[] {
  return db
    .prepare<[string, string, number], string>(
      `SELECT batch FROM task WHERE batch >= ? AND batch < ? GROUP BY batch ORDER BY max(id) DESC LIMIT ?`,
    )
    .pluck()
    .all(prefix, `${prefix}\u{10ffff}`, limit);
}

/** How many tasks of a batch are running, and whether one has failed. Costs the same however many are waiting. */
export function batchNow(db: Inventory, id: string): { running: number; failed: boolean } {
  const running = db
    .prepare<[string], number>(`SELECT count(*) FROM task WHERE batch = ? AND state = 'running'`)
    .pluck()
    .get(id);
  const failed = db
    .prepare<[string]>(`SELECT 1 FROM task WHERE batch = ? AND state = 'failed' AND ${notRetried} LIMIT 1`)
    .get(id);
  return { running: running ?? 0, failed: failed !== undefined };
}

function countsOf(db: Inventory, id: string): Partial<Record<TaskState, number>> {
  const rows = db
    .prepare<[string], { state: TaskState; count: number }>(
      `SELECT state, count(*) AS count FROM task WHERE batch = ? AND ${notRetried} GROUP BY state`,
    )
    .all(id);
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** A failed attempt does not count if it was retried. */
const notRetried = 'NOT EXISTS (SELECT 1 FROM task again WHERE again.retry_of = task.id AND again.batch = task.batch)';
