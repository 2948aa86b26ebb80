import { commitLazily, type Inventory, isUnwritable, transact } from '../db/inventory.ts';
import { insertSteps, listSteps, markStep, type StepPhase, type StepRow } from '../db/journal.ts';
import type { Json } from '../provision/model/errors.ts';
import type { Step } from '../provision/tasks/model/task.ts';
import type { AnyTask } from '../provision/tasks/model/tasks.ts';

/** A step as named in the journal. */
export type JournalRow = Pick<StepRow, 'phase' | 'name' | 'title'>;

export const checkRow = { phase: 'validate', name: 'check', title: 'Check' } as const;
export const recordRow = { phase: 'commit', name: 'record', title: 'Record in the inventory' } as const;

/** The steps of a task: checks, steps, commit, clean-up. */
export function journalOf(definition: AnyTask): JournalRow[] {
  const rows = (phase: StepPhase, steps: Step<unknown>[]) => steps.map(({ name, title }) => ({ phase, name, title }));
  return [checkRow, ...rows('apply', definition.apply), recordRow, ...rows('cleanUp', definition.cleanUp)];
}

/**
 * Writes a task's steps into its journal, with the first as running. Call it in the transaction that starts the task.
 * Returns true.
 */
export function beginJournal(db: Inventory, taskId: number, definition: AnyTask): true {
  insertSteps(db, taskId, journalOf(definition));
  markStep(db, taskId, 0, 'running');
  return true;
}

/** A step that has changed something, with its undo. */
export interface Undoable {
  row: StepRow;
  saved: Json;
  undo: NonNullable<Step<unknown>['undo']>;
}

/** The steps of an uncommitted task that must be undone, in that order: the newest first. */
export function stepsToUndo(db: Inventory, taskId: number, definition: AnyTask): Undoable[] {
  return listSteps(db, taskId)
    .toReversed()
    .flatMap((row) => {
      const { phase, state, saved } = row;
      const undo = phase === 'apply' ? definition.apply[row.seq - 1]?.undo : undefined;
      // A step that saved nothing has changed nothing.
      return undo && saved !== undefined && state !== 'undone' && state !== 'waiting' ? [{ row, saved, undo }] : [];
    });
}

/**
 * The journal of a running task. Only two writes wait for the disk: what a step records before it acts, and the commit.
 * That a step has begun or is done is only informative, and is written with the next of these: whether a step must be
 * undone depends on its record.
 */
export interface RunJournal {
  begun(seq: number): void;
  /** Written together with the next entry; `unneeded` is the reason if the step was not needed. */
  done(seq: number, unneeded?: string): void;
  failed(seq: number, why: string): void;
  /** The committing step with its writes; durable when this returns. */
  commit(seq: number, writes: () => void): void;
  /** Writes pending entries; a full disk is not an error. */
  flush(): void;
}

/** Opens the journal of a task. */
export function openRunJournal(db: Inventory, taskId: number): RunJournal {
  /** Pending entries. */
  let waiting: (() => void)[] = [];

  function withWaiting(write?: () => void): void {
    transact(db, () => {
      for (const earlier of waiting) earlier();
      write?.();
    });
    waiting = [];
  }

  return {
    begun(seq) {
      // The first step is marked when the task starts.
      if (seq > 0) commitLazily(db, () => withWaiting(() => markStep(db, taskId, seq, 'running')));
    },
    done: (seq, unneeded) =>
      void waiting.push(() => markStep(db, taskId, seq, unneeded === undefined ? 'done' : 'notNeeded', unneeded)),
    failed: (seq, why) => commitLazily(db, () => withWaiting(() => markStep(db, taskId, seq, 'failed', why))),
    commit(seq, writes) {
      withWaiting(() => {
        writes();
        markStep(db, taskId, seq, 'done');
      });
    },
    flush() {
      if (waiting.length === 0) return;
      try {
        commitLazily(db, withWaiting);
      } catch (error) {
        if (!isUnwritable(error)) throw error;
      }
    },
  };
}
