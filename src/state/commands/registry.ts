import type { TaskCatalogue } from '../model/catalogue.ts';
import type { Command, Facts } from '../model/command.ts';
import { type ConsoleState, currentPage } from '../model/state.ts';
import { backupCommands } from './backup.ts';
import { beginCommands } from './begin.ts';
import { clientCommands } from './client.ts';
import { activeScopes } from './command.ts';
import { handCommands } from './hand.ts';
import { logCommands } from './log.ts';
import { moveCommands } from './move.ts';
import { moveSitesCommands } from './move-sites.ts';
import { placeOf } from './places.ts';
import { serverCommands } from './server.ts';
import { setupCommands } from './setup.ts';
import { siteCommands } from './site.ts';
import { taskCommands } from './task.ts';
import { viewCommands } from './view.ts';

/** The console's own commands: all but those of task types. */
export const ownCommands: readonly Command[] = [
  ...moveCommands,
  ...logCommands,
  ...taskCommands,
  ...backupCommands,
  ...clientCommands,
  ...moveSitesCommands,
  ...handCommands,
  ...siteCommands,
  ...serverCommands,
  ...viewCommands,
  ...setupCommands,
];
const complete = new WeakMap<TaskCatalogue, readonly Command[]>();

/** Every command: the console's own and one for each task type, once these are loaded. */
export function allCommands(catalogue: TaskCatalogue | undefined): readonly Command[] {
  if (!catalogue) return ownCommands;
  const known = complete.get(catalogue) ?? [...beginCommands(catalogue.definitions), ...ownCommands];
  complete.set(catalogue, known);
  return known;
}

/** The commands that can be used on the current page, with those that cannot run now. */
export function activeCommands(state: ConsoleState): readonly Command[] {
  const scopes = activeScopes(state);
  return allCommands(state.catalogue).filter((command) => command.scopes.some((scope) => scopes.has(scope)));
}

/** The command of a key on the current page. */
export const commandOfKey = (state: ConsoleState, key: string): Command | undefined =>
  activeCommands(state).find((command) => command.keys.includes(key));

/** Why a command has no meaning on the current page: it is of another one, and takes no name of what it is done to. */
export function reasonElsewhere(command: Command, state: ConsoleState): string | undefined {
  if (command.takes && command.takes !== 'filter') return undefined;
  return activeCommands(state).includes(command) ? undefined : `this is done on ${placeOf(command.scopes)}`;
}

/** Why a command cannot run now; undefined when it can. */
export function reasonAgainst(command: Command, state: ConsoleState, facts: Facts): string | undefined {
  if (command.changes && state.readOnly) return 'this is a read-only session';
  return command.disabledReason?.(state, facts);
}

/** The commands of the footer, in order, with whether they can run now. */
export function footerCommands(state: ConsoleState, facts: Facts): { command: Command; disabled: boolean }[] {
  return activeCommands(state)
    .filter((command) => command.footer !== undefined && command.keys.length > 0)
    .filter((command) => command.id !== 'open' || currentPage(state).kind !== 'task')
    .sort((a, b) => (a.footer ?? 0) - (b.footer ?? 0))
    .map((command) => ({ command, disabled: reasonAgainst(command, state, facts) !== undefined }));
}
