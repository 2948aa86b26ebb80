import type { TaskRow } from '../db/tasks.ts';
import { HALTED } from './leave-task.ts';

/**
 * What comes of a task that something went wrong with, or what a person is to do; '' where there is nothing to say. One
 * that its worker has left is not over: the next worker goes on with it by itself, whatever its error says of the end.
 */
export function hintOf({ state, committed, error }: Pick<TaskRow, 'state' | 'committed' | 'error'>): string {
  if (state !== 'interrupted') return error?.hint ?? '';
  if (committed) return 'The next worker finishes it by itself.';
  const again = error?.code === HALTED ? ', and begins it again by itself' : ' by itself';
  return `The next worker undoes what it had begun${again}.`;
}
