import type { StepIo } from '../src/provision/tasks/model/task.ts';
import { taskDefinition } from '../src/provision/tasks/registry.ts';

/** Gives a task type one step that goes on until it is stopped: what it holds is kept. */
export function hang(type: string): void {
  const run = (_ctx: unknown, { signal }: StepIo): Promise<void> =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const apply = [{ name: 'hang', title: 'Hang', run }];
  Object.assign(taskDefinition(type), { validate: async () => {}, apply, commit: () => ({}), cleanUp: [] });
}
