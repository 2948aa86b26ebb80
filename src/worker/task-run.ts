import { randomBytes } from 'node:crypto';
import { listSteps, type StepRow } from '../db/journal.ts';
import { type TaskRow, taskSecrets } from '../db/tasks.ts';
import { forgetChildren } from '../provision/host/local/children.ts';
import type { Json } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import type { TaskContexts } from '../provision/tasks/model/task.ts';
import { openRunJournal } from './run-journal.ts';
import type { Halt, RunIo, WorkerDeps } from './running.ts';
import { openTaskLog } from './task-log.ts';

/**
 * The mark that children of a task carry, another one each time it is run: a later worker finds by it what that run has
 * left (host/local/children.ts). Nobody can guess it; the code of a site that the task runs can read it.
 */
export const newMark = (paths: RootPaths, of: number | 'worker'): string =>
  `${paths.root}#${of}.${randomBytes(16).toString('hex')}`;

/** Opens what all steps of a task share: host, log, secrets, result, and how its worker ends. */
export function startRun(deps: WorkerDeps, task: TaskRow, halt: Halt): RunIo {
  const context = task.context as unknown as TaskContexts['platform'] & TaskContexts['site'];
  const server = context.server ?? context.site.server;
  // A platform that was deleted may still have to be cleaned up.
  const inPlace = context.platform?.managed === false ? [context.platform.root] : [];
  const mark = newMark(deps.paths, task.id);
  return {
    host: deps.hostFor(server, mark, inPlace),
    mark,
    log: openTaskLog(deps.paths.taskLogs, task.id),
    secrets: taskSecrets(deps.inventory, task.id),
    result: { ...task.result },
    halt,
    journal: openRunJournal(deps.inventory, task.id),
  };
}

/** Closes what a run has opened: it is over, by its end or for the next worker. */
export function endRun(deps: Pick<WorkerDeps, 'paths'>, { log, mark }: RunIo): void {
  log.close();
  forgetChildren(deps.paths, mark);
}

/** Context and arguments as one document. */
export const contextWithArgs = (task: Pick<TaskRow, 'context' | 'args'>): unknown => ({
  ...(task.context as Record<string, Json>),
  args: task.args,
});

/** A step of a task's journal by its place. */
export function rowOf(deps: WorkerDeps, task: TaskRow, seq: number): StepRow {
  const row = listSteps(deps.inventory, task.id)[seq];
  if (!row) throw new Error(`task ${task.id} has no step ${seq} in its journal`);
  return row;
}
