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
 * The mark carried by the child processes of a task, a new one for each run: a later worker uses it to find what that
 * run has left (host/local/children.ts). It cannot be guessed, but the code of a site that the task runs can read it.
 */
export const newMark = (paths: RootPaths, of: number | 'worker'): string =>
  `${paths.root}#${of}.${randomBytes(16).toString('hex')}`;

/** Opens what all steps of a task share: host, log, secrets, result, and the worker's shutdown. */
export function startRun(deps: WorkerDeps, task: TaskRow, halt: Halt): RunIo {
  const context = task.context as unknown as TaskContexts['platform'] & TaskContexts['site'];
  const server = context.server ?? context.site.server;
  // A platform that was already removed from the inventory may still need clean-up.
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

/** Closes what a run has opened; it has ended, or is left for the next worker. */
export function endRun(deps: Pick<WorkerDeps, 'paths'>, { log, mark }: RunIo): void {
  log.close();
  forgetChildren(deps.paths, mark);
}

/** Context and arguments as one document. */
export const contextWithArgs = (task: Pick<TaskRow, 'context' | 'args'>): unknown => ({
  ...(task.context as Record<string, Json>),
  args: task.args,
});

/** A step of a task's journal by its number. */
export function rowOf(deps: WorkerDeps, task: TaskRow, seq: number): StepRow {
  const row = listSteps(deps.inventory, task.id)[seq];
  if (!row) throw new Error(`task ${task.id} has no step ${seq} in its journal`);
  return row;
}
