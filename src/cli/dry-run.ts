import type { Command } from 'commander';
import { AegirError } from '../provision/model/errors.ts';
import type { Tasks } from '../provision/tasks/model/tasks.ts';
import { refuseReadOnly } from '../worker/queue-access.ts';

/** Commands that only look. */
const looks = [
  ...['site list', 'site show', 'site log'],
  ...['platform list', 'platform show', 'platform compare'],
  ...['server list', 'server show', 'server test', 'client list', 'client show'],
  ...['backup list', 'backup show', 'backup check', 'backup inventory list'],
  ...['task list', 'task show', 'task log', 'tasks', 'status', 'doctor', 'engine list', 'completion', 'complete'],
];

/** Commands beside those of tasks that change something, and say with --dry-run what it would be. */
const plans = [
  ...['client add', 'client edit', 'client remove', 'platform migrate', 'setup'],
  ...['backup delete', 'backup export', 'backup rebuild', 'backup inventory save', 'backup inventory restore'],
  ...['task cancel', 'task retry', 'task recover'],
];

const onlyLook = new Set(looks);
const ours = new Set([...looks, ...plans]);

/** Refuses --dry-run for a command that has no plan to show, so that what nobody thought of never acts. Throws `USAGE`. */
export function refuseWithoutPlan(command: Command, tasks: Tasks): void {
  const words = wordsOf(command);
  if (ours.has(words) || tasks.find(words.replace(' ', '.'))) return;
  throw new AegirError(
    'USAGE',
    `aegir ${words} cannot say beforehand what it would do, so it knows no --dry-run`,
    'Nothing was done. Leave the option out to go ahead.',
  );
}

/** Refuses with --read-only every command but those that only look, so that what nobody thought of never acts. Throws `READ_ONLY`. */
export function refuseChange(command: Command): void {
  if (!onlyLook.has(wordsOf(command))) refuseReadOnly({ readOnly: true });
}

/** `backup inventory save`: the words by which a command is called. */
export const wordsOf = (command: Command): string =>
  command.parent ? `${wordsOf(command.parent)} ${command.name()}`.trim() : '';
