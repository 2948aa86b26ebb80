import type { TaskRow } from '../db/tasks.ts';
import { HALTED } from './leave-task.ts';

/**
 * What will happen to a task with an error, or what a person should do about it; '' if there is nothing to do. A task
 * that its worker has left has not ended: the next worker continues it, whatever its error is.
 */
export function hintOf({ state, committed, error }: Pick<TaskRow, 'state' | 'committed' | 'error'>): string {
  if (state !== 'interrupted') return error?.hint ?? '';
  if (committed) return 'The next worker finishes it automatically.';
  const again = error?.code === HALTED ? ', and starts it again automatically' : ' automatically';
  return `The next worker undoes what it had begun${again}.`;
}
