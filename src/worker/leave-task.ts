import { listSteps, type StepRow } from '../db/journal.ts';
import { leaveTask } from '../db/task-changes.ts';
import type { TaskRow } from '../db/tasks.ts';
import { AegirError, type ErrorDocument } from '../provision/model/errors.ts';
import type { AnyTask } from '../provision/tasks/registry.ts';
import type { RunIo, WorkerDeps } from './running.ts';

/** The code of a task that its worker leaves in order. */
export const HALTED = 'WORKER_HALTED';

/** Why a task stops between two steps, or within one that took longer than a worker that ends waits for it. */
export const halted = (): AegirError =>
  new AegirError(HALTED, 'the worker was told to end while this task ran', 'Run it again with: aegir task retry.');

/**
 * True where a worker that ends leaves a task: between two of its steps, and never while visitors see its page that
 * asks for patience.
 */
export function isToBeLeft(deps: WorkerDeps, definition: AnyTask, task: TaskRow, run: RunIo): boolean {
  if (!run.halt.leaves) return false;
  // What was done last says whether they are let back.
  run.journal.flush();
  return !holdsVisitors(definition, listSteps(deps.inventory, task.id));
}

/** Leaves a task as it is in the journal, for the next worker; `error` is why it is being undone. */
export function leave(deps: WorkerDeps, task: TaskRow, run: RunIo, error?: ErrorDocument): void {
  const again = error?.code === HALTED ? ' and begins it again' : '';
  const text = `the worker ends here; the next one ${error ? 'undoes' : 'finishes'} this task${again}`;
  run.log.write({ at: new Date().toISOString(), level: 'warning', step: '', stream: 'aegir', text });
  run.log.flush();
  leaveTask(deps.inventory, task.id, error);
}

/** Whether the journal stands between a step that holds visitors and the one that lets them back. */
function holdsVisitors(definition: AnyTask, rows: StepRow[]): boolean {
  const steps = new Map<string, (typeof definition.apply)[number]>([
    ...definition.apply.map((step) => [`apply ${step.name}`, step] as const),
    ...definition.cleanUp.map((step) => [`cleanUp ${step.name}`, step] as const),
  ]);
  let held = false;
  for (const row of rows) {
    const visitors = steps.get(`${row.phase} ${row.name}`)?.visitors;
    if (visitors === 'held' && row.saved !== undefined && row.state !== 'undone') held = true;
    if (visitors === 'back' && (row.state === 'done' || row.state === 'notNeeded')) held = false;
  }
  return held;
}
