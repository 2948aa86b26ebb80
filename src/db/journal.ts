import type { Json } from '../provision/model/errors.ts';
import { type Inventory, now, transact } from './inventory.ts';

export type StepPhase = 'validate' | 'apply' | 'commit' | 'cleanUp';
/** `notNeeded`: the step was reached but had nothing to do. */
export type StepState = 'waiting' | 'running' | 'done' | 'notNeeded' | 'failed' | 'undoing' | 'undone';

/** One step of a task in the journal. */
export interface StepRow {
  seq: number;
  phase: StepPhase;
  name: string;
  title: string;
  state: StepState;
  /** The previous state as recorded by the step; undefined if it recorded nothing. */
  saved: Json | undefined;
  error: string | null;
  /** Why it failed, or was not needed. */
  note: string | null;
  startedAt: string | null;
  endedAt: string | null;
}

/** Writes the steps of a task into the journal, all waiting; existing ones are not replaced. */
export function insertSteps(
  db: Inventory,
  taskId: number,
  steps: readonly Pick<StepRow, 'phase' | 'name' | 'title'>[],
): void {
  transact(db, () => {
    const insert = db.prepare(
      `INSERT OR IGNORE INTO step (task_id, seq, phase, name, title, state) VALUES (?, ?, ?, ?, ?, 'waiting')`,
    );
    for (const [seq, step] of steps.entries()) insert.run(taskId, seq, step.phase, step.name, step.title);
  });
}

/** The steps of a task, in order. */
export function listSteps(db: Inventory, taskId: number): StepRow[] {
  return db
    .prepare<[number], Omit<StepRow, 'saved'> & { saved: string | null }>(
      `SELECT seq, phase, name, title, state, saved, error, note, started_at AS startedAt, ended_at AS endedAt
       FROM step WHERE task_id = +? ORDER BY seq`,
    )
    .all(taskId)
    .map((row) => ({ ...row, saved: row.saved === null ? undefined : (JSON.parse(row.saved) as Json) }));
}

/** Changes a step's state, with the time and the reason: an error, or why it was not needed. */
export function markStep(db: Inventory, taskId: number, seq: number, state: StepState, why?: string): void {
  const starts = state === 'running' || state === 'undoing';
  db.prepare(
    `UPDATE step SET state = ?, error = coalesce(?, error), note = ?, started_at = coalesce(started_at, ?), ended_at = ?
     WHERE task_id = ? AND seq = ?`,
  ).run(
    state,
    state === 'notNeeded' ? null : (why ?? null),
    state === 'notNeeded' ? (why ?? null) : null,
    starts ? now() : null,
    starts ? null : now(),
    taskId,
    seq,
  );
}

/** Records the state that a step found before it acted. Durable when this returns. */
export function saveStep(db: Inventory, taskId: number, seq: number, saved: Json): void {
  db.prepare('UPDATE step SET saved = ? WHERE task_id = ? AND seq = ?').run(JSON.stringify(saved), taskId, seq);
}
