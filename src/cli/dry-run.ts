import type { Command } from 'commander';
import { AegirError } from '../provision/model/errors.ts';
import type { Tasks } from '../provision/tasks/model/tasks.ts';
import { refuseReadOnly } from '../worker/queue-access.ts';

/** Commands that change nothing. */
const readOnlyCommands = [
  ...['site list', 'site show', 'site log'],
  ...['platform list', 'platform show', 'platform compare'],
  ...['server list', 'server show', 'server test', 'client list', 'client show'],
  ...['backup list', 'backup show', 'backup check', 'backup inventory list'],
  ...['task list', 'task show', 'task log', 'tasks', 'status', 'doctor', 'engine list', 'completion', 'complete'],
];

/** Commands that change something, queue no task, and have a plan for --dry-run. */
const plannedCommands = [
  ...['client add', 'client edit', 'client remove', 'platform migrate', 'setup'],
  ...['backup delete', 'backup export', 'backup rebuild', 'backup inventory save', 'backup inventory restore'],
  ...['task cancel', 'task retry', 'task recover'],
];

const changeNothing = new Set(readOnlyCommands);
const acceptDryRun = new Set([...readOnlyCommands, ...plannedCommands]);

/** Refuses --dry-run for a command without a plan: a command that is in no list must not act. Throws `USAGE`. */
export function refuseWithoutPlan(command: Command, tasks: Tasks): void {
  const path = commandPath(command);
  if (acceptDryRun.has(path) || tasks.find(path.replace(' ', '.'))) return;
  throw new AegirError(
    'USAGE',
    `aegir ${path} has no --dry-run: it cannot show in advance what it would do`,
    'Nothing was done. To run the command, leave the option out.',
  );
}

/** Refuses every command that may change something, for --read-only. Throws `READ_ONLY`. */
export function refuseChange(command: Command): void {
  if (!changeNothing.has(commandPath(command))) refuseReadOnly({ readOnly: true });
}

/** The full name of a command without `aegir`: `backup inventory save`. */
export const commandPath = (command: Command): string =>
  command.parent ? `${commandPath(command.parent)} ${command.name()}`.trim() : '';
