import { listSteps, type StepRow } from '../db/journal.ts';
import { leaveTask } from '../db/task-changes.ts';
import type { TaskRow } from '../db/tasks.ts';
import { AegirError, type ErrorDocument } from '../provision/model/errors.ts';
import type { AnyTask } from '../provision/tasks/model/tasks.ts';
import type { RunIo, WorkerDeps } from './running.ts';

/** The error code of a task that its worker leaves during an orderly shutdown. */
export const HALTED = 'WORKER_HALTED';

/** The error with which a task stops between two steps, or in a step that outlasts the wait of a shutdown. */
export const halted = (): AegirError =>
  new AegirError(HALTED, 'the worker was shut down while this task ran', 'Run it again with: aegir task retry.');

/**
 * True if a worker that shuts down leaves a task now: only between two of its steps, and never while visitors see the
 * maintenance page.
 */
export function isToBeLeft(deps: WorkerDeps, definition: AnyTask, task: TaskRow, run: RunIo): boolean {
  if (!run.halt.leaves) return false;
  // The last completed step tells whether visitors see the site again.
  run.journal.flush();
  return !holdsVisitors(definition, listSteps(deps.inventory, task.id));
}

/** Leaves a task to the next worker, in the state that its journal records; `error` is why it is being undone. */
export function leave(deps: WorkerDeps, task: TaskRow, run: RunIo, error?: ErrorDocument): void {
  const again = error?.code === HALTED ? ' and starts it again' : '';
  const text = `the worker shuts down here; the next one ${error ? 'undoes' : 'finishes'} this task${again}`;
  run.log.write({ at: new Date().toISOString(), level: 'warning', step: '', stream: 'aegir', text });
  run.log.flush();
  leaveTask(deps.inventory, task.id, error);
}

/** True if the journal is between a step that closes the site to visitors and the one that reopens it. */
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
