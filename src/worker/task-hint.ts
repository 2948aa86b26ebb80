import type { TaskRow } from '../db/tasks.ts';
import { HALTED } from './leave-task.ts';

/**
 * What will happen to a task that went wrong, or what a person should do; '' if there is nothing to say. A task that
 * its worker has left is not over: the next worker continues it, whatever its error says.
 */
export function hintOf({ state, committed, error }: Pick<TaskRow, 'state' | 'committed' | 'error'>): string {
  if (state !== 'interrupted') return error?.hint ?? '';
  if (committed) return 'The next worker finishes it automatically.';
  const again = error?.code === HALTED ? ', and starts it again automatically' : ' automatically';
  return `The next worker undoes what it had begun${again}.`;
}
