import { z } from 'zod';
import { recordAudit } from '../db/audit.ts';
import { transact } from '../db/inventory.ts';
import { insertTask, requestCancel } from '../db/task-changes.ts';
import { recoverObject, requestRecover } from '../db/task-recovery.ts';
import { findTask, type TaskRow } from '../db/tasks.ts';
import { AegirError, type Json } from '../provision/model/errors.ts';
import { canonicalUri, checkPlatformName } from '../provision/model/uri.ts';
import { throwRefusal } from '../provision/tasks/checks/availability.ts';
import { fieldsOf, splitSecrets } from '../provision/tasks/model/fields.ts';
import type { AnyTask } from '../provision/tasks/model/tasks.ts';
import { refusalOf } from './availability.ts';
import { ringBell } from './bell.ts';
import { createObject } from './creations.ts';
import type { Queue, TaskRequest } from './queue-access.ts';
import { refuseReadOnly } from './queue-access.ts';
import { recordsOf } from './records.ts';

/**
 * Queues a task and wakes the worker. Returns its id. Nothing is queued if it throws: AegirError with
 * `ARGUMENT_INVALID` (and the field), `URI_INVALID`, `NAME_INVALID`, `NO_SUCH_OBJECT`, `READ_ONLY`, or the reason from
 * the availability rules.
 */
export function queueTask(queue: Queue, request: TaskRequest, again?: { attempt: number; retryOf: number }): number {
  const definition = queue.program.tasks.of(request.type);
  const name = objectName(definition, request.object);
  const { open, secrets } = splitSecrets(definition.args, checkArguments(definition, request.args));
  refuseReadOnly(queue);
  const id = transact(queue.inventory, () => {
    const args = withDefaults(queue, definition, name, open);
    prepareObject(queue, definition, name, args);
    const taskId = insertTask(queue.inventory, {
      type: definition.type,
      objectKind: definition.object,
      objectName: name,
      args: args as Record<string, Json>,
      secrets,
      timeLimitS: definition.timeLimitS,
      batch: request.batch,
      ...again,
    });
    audit(queue, definition.type, { objectKind: definition.object, objectName: name, id: taskId });
    // An unfinished undo is retried before everything is removed.
    if (definition.removes) recoverObject(queue.inventory, definition.object, name);
    return taskId;
  });
  wakeWorker(queue);
  return id;
}

/**
 * Requests the cancellation of a queued or running task; what it has begun is undone. Throws `NO_SUCH_TASK`,
 * `TASK_ENDED`.
 */
export function cancelTask(queue: Queue, id: number): void {
  refuseReadOnly(queue);
  const task = cancellableTask(queue, id);
  transact(queue.inventory, () => {
    // The task may have ended just now.
    if (!requestCancel(queue.inventory, id)) throw ended(task);
    audit(queue, 'task.cancel', task);
  });
  wakeWorker(queue);
}

/** A task that can still be cancelled. Throws `NO_SUCH_TASK`, `TASK_ENDED`. */
export function cancellableTask(queue: Queue, id: number): TaskRow {
  const task = mustFind(queue, id);
  if (task.committed || (task.state !== 'queued' && task.state !== 'running')) throw ended(task);
  return task;
}

const ended = ({ id, committed, state }: TaskRow): AegirError => {
  const how = committed ? 'past the point where it can be undone' : state;
  return new AegirError('TASK_ENDED', `task ${id} is ${how}`, 'Only a task that waits or runs can be cancelled.');
};

/** Queues a new attempt of a failed or cancelled task; returns the new task's id. */
export function retryTask(queue: Queue, id: number): number {
  const { task, request } = retryOf(queue, id);
  return queueTask(queue, request, { attempt: task.attempt + 1, retryOf: task.id });
}

/** The request for another attempt of a task. Throws `NO_SUCH_TASK`, `TASK_NOT_FAILED`. */
export function retryOf(queue: Queue, id: number): { task: TaskRow; request: TaskRequest } {
  const task = mustFind(queue, id);
  if (task.state !== 'failed' && task.state !== 'cancelled') {
    throw new AegirError(
      'TASK_NOT_FAILED',
      `task ${id} is ${task.state}`,
      'Only a failed or cancelled task can be retried.',
    );
  }
  const batch = task.batch === null ? {} : { batch: task.batch };
  return { task, request: { type: task.type, object: task.objectName, args: task.args, ...batch } };
}

/** Asks the worker to retry the undo or clean-up that a task could not finish. */
export function recoverLater(queue: Queue, id: number): void {
  refuseReadOnly(queue);
  const task = recoverableTask(queue, id);
  transact(queue.inventory, () => {
    requestRecover(queue.inventory, id);
    audit(queue, 'task.recover', task);
  });
  wakeWorker(queue);
}

/** A task that left something unfinished. Throws `NO_SUCH_TASK`, `TASK_WHOLE`. */
export function recoverableTask(queue: Queue, id: number): TaskRow {
  const task = mustFind(queue, id);
  if (task.unfinished !== null) return task;
  throw new AegirError('TASK_WHOLE', `task ${id} left nothing unfinished`, 'There is nothing to recover.');
}

/** The canonical name of the object of a request. */
export function objectName(definition: Pick<AnyTask, 'object' | 'creates'>, typed: string): string {
  if (definition.object === 'site') return canonicalUri(typed);
  return definition.object === 'platform' && definition.creates ? checkPlatformName(typed) : typed;
}

/** Checks arguments by the task's schema and fills in defaults. Throws `ARGUMENT_INVALID` for the first invalid field. */
export function checkArguments(definition: AnyTask, args: Record<string, unknown>): Record<string, unknown> {
  const parsed = z.strictObject(definition.args.shape).safeParse(args);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? (issue?.code === 'unrecognized_keys' ? issue.keys[0] : ''));
  const field = fieldsOf(definition.args).find((candidate) => candidate.name === name);
  if (!field) {
    const hint = 'See --help for the arguments of this task.';
    throw new AegirError('ARGUMENT_INVALID', `${definition.type} has no argument "${name}"`, hint, name);
  }
  const value = args[name];
  const shown = field.secret ? '' : ` "${String(value)}"`;
  const problem = value === undefined ? ' is missing' : `${shown}: ${issue?.message}`;
  throw new AegirError('ARGUMENT_INVALID', `${field.title} (${field.flag})${problem}`, field.help, name);
}

/** The arguments of a task, with those that were left out filled in where its type determines them. */
export const withDefaults = (
  queue: Queue,
  definition: AnyTask,
  object: string,
  args: Record<string, unknown>,
): Record<string, unknown> => ({ ...args, ...definition.defaults?.(recordsOf(queue), object, args as never) });

/** Creates the row of an object that a task creates, or refuses a task that cannot run now. Needs a transaction. */
export function prepareObject(queue: Queue, definition: AnyTask, name: string, args: Record<string, unknown>): void {
  if (definition.creates) {
    createObject(queue, definition, name, args);
    return;
  }
  throwRefusal(refusalOf(queue, definition.type, definition.object, name));
  definition.checkArgs?.(recordsOf(queue), name, args as never);
}

/** Wakes the worker. Within a transaction it does nothing: the caller wakes the worker after the commit. */
function wakeWorker({ inventory, paths }: Queue): void {
  if (!inventory.inTransaction) ringBell(paths.bell);
}

function mustFind(queue: Queue, id: number): TaskRow {
  const task = findTask(queue.inventory, id);
  if (task) return task;
  throw new AegirError('NO_SUCH_TASK', `there is no task ${id}`, 'aegir task list shows what there is.');
}

function audit(queue: Queue, action: string, task: Pick<TaskRow, 'objectKind' | 'objectName' | 'id'>): void {
  const { objectKind, objectName: name, id } = task;
  recordAudit(queue.inventory, queue.actor, { action, objectKind, objectName: name, taskId: id });
}
