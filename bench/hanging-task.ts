import { makeProgram, type Program } from '../src/provision/program.ts';
import { standardParts } from '../src/provision/standard.ts';
import type { StepIo } from '../src/provision/tasks/model/task.ts';

/** The program with task types replaced by a single step that runs until it is stopped, so that its locks stay held. */
export function programThatHangs(...types: string[]): Program {
  const run = (_ctx: unknown, { signal }: StepIo): Promise<void> =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const hanging = {
    ...{ validate: async () => {}, commit: () => ({}), cleanUp: [] },
    apply: [{ name: 'hang', title: 'Hang', run }],
  };
  const tasks = standardParts.tasks.map((task) => (types.includes(task.type) ? { ...task, ...hanging } : task));
  return makeProgram({ ...standardParts, tasks });
}
