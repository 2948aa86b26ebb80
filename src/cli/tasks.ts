import { type Command, Option } from 'commander';
import { listSteps } from '../db/journal.ts';
import { findTask, listTasks, type TaskRow, type TaskState, taskStates } from '../db/tasks.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { LogLine } from '../provision/tasks/model/task.ts';
import { percentOf, stepStateText } from '../state/tables/cells.ts';
import { cancellableTask, cancelTask, recoverableTask, recoverLater, retryOf, retryTask } from '../worker/queue.ts';
import { stepsToUndo } from '../worker/run-journal.ts';
import { hintOf } from '../worker/task-hint.ts';
import type { Action } from './action.ts';
import { outputClosed } from './closed-output.ts';
import { printPlan } from './output.ts';
import type { Session } from './session.ts';
import { taskDetail, taskShape } from './shapes.ts';
import { confirmDanger, endWith, showPlan } from './task-commands.ts';
import { openTaskLogLines, printLogLine } from './task-log-lines.ts';
import { isEnded, waitForTask } from './wait.ts';

/** `task list|show|log|cancel|retry|recover`. */
export function taskGroup(group: Command, action: Action): void {
  group
    .command('list')
    .description('List tasks, the newest first.')
    .addHelpText('after', '\nExample:\n  aegir task list --state failed --limit 20')
    .addOption(new Option('--state <state>', 'only tasks in this state').choices(taskStates))
    .option('--batch <id>', 'only the tasks of a batch, which were queued together')
    .option('--limit <number>', 'how many tasks at most', '50')
    .action(
      action(async (session, _args, { state, batch, limit }) =>
        showList(session, { state, batch } as { state?: TaskState; batch?: string }, Number(limit)),
      ),
    );
  group
    .command('show')
    .argument('<id>', 'id of the task')
    .description('Show a task with its steps and arguments.')
    .addHelpText('after', '\nExample:\n  aegir task show 12')
    .action(action(async (session, [id]) => showTask(session, mustFind(session, id))));
  group
    .command('log')
    .argument('<id>', 'id of the task')
    .description('Print the log of a task; --follow keeps printing until the task ends.')
    .addHelpText('after', '\nExample:\n  aegir task log 12 --follow')
    .action(action(async (session, [id]) => showLog(session, mustFind(session, id))));
  group
    .command('cancel')
    .argument('<id>', 'id of the task')
    .description('Cancel a queued or running task, and undo what it has begun.')
    .addHelpText('after', '\nExample:\n  aegir task cancel 12')
    .action(
      action(async (session, [id]) => {
        const task = mustFind(session, id);
        if (session.options.dryRun) return planCancel(session, task.id);
        cancelTask(session.queue(), task.id);
        return endCommand(session, task.id, `task ${task.id} will be cancelled`);
      }),
    );
  group
    .command('retry')
    .argument('<id>', 'id of the task')
    .description('Queue a failed or cancelled task again, as a new attempt.')
    .addHelpText('after', '\nExample:\n  aegir task retry 12 --wait')
    .action(
      action(async (session, [id]) => {
        const failed = mustFind(session, id);
        const { request } = retryOf(session.queue(), failed.id);
        if (session.options.dryRun) return showPlan(session, request);
        // Another attempt of a delete needs confirmation like the first one.
        await confirmDanger(session, session.program.tasks.of(failed.type), failed.objectName);
        const attempt = retryTask(session.queue(), failed.id);
        return endCommand(session, attempt, `task ${attempt} queued`);
      }),
    );
  group
    .command('recover')
    .argument('<id>', 'id of the task')
    .description('Retry the undo or clean-up that a task could not finish.')
    .addHelpText('after', '\nExample:\n  aegir task recover 12 --wait')
    .action(
      action(async (session, [id]) => {
        const task = mustFind(session, id);
        if (session.options.dryRun) {
          const { unfinished } = recoverableTask(session.queue(), task.id);
          return printPlan(session, [`retry: ${unfinished}`]);
        }
        recoverLater(session.queue(), task.id);
        return endCommand(session, task.id, `task ${task.id} will be recovered`);
      }),
    );
}

function planCancel(session: Session, id: number): number {
  const task = cancellableTask(session.queue(), id);
  const what = `task ${id} ${task.type} ${task.objectName}`;
  if (task.state === 'queued') return printPlan(session, [`remove ${what} from the queue; it has not begun`]);
  const undone = stepsToUndo(session.root().inventory, id, session.program.tasks.of(task.type));
  return printPlan(session, [`stop ${what}`, ...undone.map(({ row }) => `undo: ${row.title}`)]);
}

/** Prints the newest tasks. Throws `USAGE`. */
export function showList(session: Session, only: { state?: TaskState; batch?: string }, limit: number): number {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new AegirError('USAGE', `--limit ${limit} is not a number of tasks`, 'Give a whole number from 1.', 'limit');
  }
  const { state, batch } = only;
  const tasks = listTasks(session.root().inventory, { limit, batch, states: state ? [state] : undefined });
  session.out.document(tasks.map(taskShape));
  if (tasks.length === 0) session.out.say('No tasks yet.');
  else printTasks(session, tasks);
  return 0;
}

const printTasks = ({ out }: Session, tasks: TaskRow[]): void => out.table(taskHeadings, tasks.map(taskCells));

export const taskHeadings = ['ID', 'TASK', 'OBJECT', 'STATE', 'QUEUED', 'TOOK', 'BY'];

/** A task as a row of a list; a running task with its progress. */
export function taskCells(task: TaskRow): string[] {
  const percent = task.state === 'running' ? percentOf(task.progress) : undefined;
  const state = percent === undefined ? task.state : `${task.state} ${percent}%`;
  return [
    String(task.id),
    task.type,
    task.objectName,
    task.unfinished ? `${state} !` : state,
    task.queuedAt.slice(0, 16).replace('T', ' '),
    took(task),
    task.queuedBy,
  ];
}

/** How long a task has run, such as `4.2s` or `12m`; '' if it has not begun. */
export function took({ startedAt, endedAt }: TaskRow): string {
  if (!startedAt) return '';
  const ms = (endedAt ? Date.parse(endedAt) : Date.now()) - Date.parse(startedAt);
  return ms < 10_000
    ? `${(ms / 1000).toFixed(1)}s`
    : ms < 600_000
      ? `${Math.round(ms / 1000)}s`
      : `${Math.round(ms / 60_000)}m`;
}

function showTask(session: Session, task: TaskRow): number {
  const { out } = session;
  const { inventory } = session.root();
  out.document(taskDetail(inventory, task));
  const hint = hintOf(task);
  out.facts([
    ['Task', `${task.id} ${task.type} ${task.objectName}`],
    ['State', task.state],
    ['Queued', `${task.queuedAt} by ${task.queuedBy}`],
    ['Took', took(task)],
    ...(task.error ? [['Error', `${task.error.code}: ${task.error.message}`] as [string, string]] : []),
    ...(hint ? [['What next', hint] as [string, string]] : []),
    ...(task.unfinished ? [['Unfinished', task.unfinished] as [string, string]] : []),
  ]);
  if (out.json) return 0;
  for (const step of listSteps(inventory, task.id))
    out.say(
      `  ${stepStateText(step.state).padEnd(10)} ${step.title}${[step.error, step.note].map((why) => (why ? `: ${why}` : '')).join('')}`,
    );
  return 0;
}

async function showLog(session: Session, task: TaskRow): Promise<number> {
  const { out, options } = session;
  const log = openTaskLogLines(session.root().paths.taskLogs, task.id);
  const all: LogLine[] = [];
  for (;;) {
    // Checked before reading: a line written between the two is still printed.
    const taskEnded = isEnded(findTask(session.root().inventory, task.id) ?? task);
    for (const line of log.next()) {
      if (!out.json) printLogLine(line);
      else if (options.follow) process.stdout.write(`${JSON.stringify(line)}\n`);
      else all.push(line);
    }
    if (!options.follow || taskEnded || outputClosed.aborted) break;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  log.close();
  if (!options.follow) out.document(all);
  return 0;
}

async function endCommand(session: Session, id: number, text: string): Promise<number> {
  if (session.options.wait) return endWith(session, await waitForTask(session, id));
  const task = findTask(session.root().inventory, id);
  session.out.document({ task: task && taskShape(task) });
  session.out.say(text);
  return 0;
}

function mustFind(session: Session, typed = ''): TaskRow {
  const task = /^\d+$/.test(typed) ? findTask(session.root().inventory, Number(typed)) : undefined;
  if (task) return task;
  throw new AegirError('NO_SUCH_TASK', `there is no task ${typed}`, 'aegir task list shows what there is.');
}
