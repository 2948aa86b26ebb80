import { transactAndRollBack } from '../db/inventory.ts';
import { type PlannedAct, planHost } from '../provision/host/makers/plan.ts';
import { describeError, type ErrorDocument, type Json } from '../provision/model/errors.ts';
import type { LogLevel } from '../provision/model/work-io.ts';
import { splitSecrets } from '../provision/tasks/model/fields.ts';
import type { StepIo, TaskContexts } from '../provision/tasks/model/task.ts';
import type { AnyTask } from '../provision/tasks/model/tasks.ts';
import { contextOf } from './contexts.ts';
import { checkArguments, objectName, prepareObject, withDefaults } from './queue.ts';
import type { Queue, TaskRequest } from './queue-access.ts';
import { recordsOf } from './records.ts';
import { validate } from './run-task.ts';
import type { WorkerDeps } from './running.ts';

/** What a task would do. */
export interface TaskPlan {
  /** The problem that prevents the task; the plan then ends there. */
  problem: ErrorDocument | undefined;
  /** Notes, shown before the acts. */
  first: string[];
  acts: (PlannedAct & { step: string })[];
  /** Steps that are not needed, each with the reason. */
  notNeeded: { step: string; why: string }[];
  log: { level: LogLevel; text: string }[];
}

/**
 * Plans a task without queueing it: its checks, steps and clean-up run on a host that reads for real and records what
 * it would change. Throws what queueing would throw.
 */
export async function planTask(queue: Queue, deps: WorkerDeps, request: TaskRequest): Promise<TaskPlan> {
  const definition = queue.program.tasks.of(request.type);
  const name = objectName(definition, request.object);
  const split = splitSecrets(definition.args, checkArguments(definition, request.args));
  const { secrets } = split;
  const open = withDefaults(queue, definition, name, split.open);
  const context = contextWithoutQueueing(queue, definition, name, open);
  const server = context.server ?? context.site.server;
  const host = planHost(deps.hostFor(server, ''));
  const first = definition.notes?.(recordsOf(queue), name, open as never).plan ?? [];
  const plan: TaskPlan = { problem: undefined, first, acts: [], notNeeded: [], log: [] };
  const result: Record<string, Json> = {};
  let title = '';
  const io: StepIo = {
    ...queue.program,
    host,
    signal: new AbortController().signal,
    secrets,
    log: (level, text) => plan.log.push({ level, text }),
    line: () => {},
    progress: () => {},
    notNeeded: (why) => plan.notNeeded.push({ step: title, why }),
    save: () => {},
    report: (found) => Object.assign(result, found),
    result,
    exclusive: (lock, work) => deps.exclusive(lock, work),
  };
  const ctx = { ...context, args: open };
  try {
    await validate(definition, ctx, io);
    for (const step of [...definition.apply, ...definition.cleanUp]) {
      const before = host.planned().length;
      title = step.title;
      await step.run(ctx, io);
      plan.acts.push(
        ...host
          .planned()
          .slice(before)
          .map((act) => ({ ...act, step: step.title })),
      );
    }
  } catch (error) {
    plan.problem = describeError(error);
  }
  return plan;
}

type AnyContext = TaskContexts['server'] & TaskContexts['site'];

/** The context that the task would get; the rows it needs are created in a transaction that is rolled back. */
function contextWithoutQueueing(
  queue: Queue,
  definition: AnyTask,
  name: string,
  args: Record<string, unknown>,
): AnyContext {
  const { inventory, paths } = queue;
  return transactAndRollBack(inventory, () => {
    prepareObject(queue, definition, name, args);
    return contextOf(inventory, paths.root, definition.object, name, args) as AnyContext;
  });
}
