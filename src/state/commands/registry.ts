import type { TaskCatalogue } from '../model/catalogue.ts';
import type { Command, Facts } from '../model/command.ts';
import type { ConsoleState } from '../model/state.ts';
import type { ConsoleRegistry, PageDefinition } from '../pages/definition.ts';
import { backupCommands } from './backup.ts';
import { beginCommands } from './begin.ts';
import { clientCommands } from './client.ts';
import { activeScopes } from './command.ts';
import { handCommands } from './hand.ts';
import { logCommands } from './log.ts';
import { moveCommands } from './move.ts';
import { moveSitesCommands } from './move-sites.ts';
import { pageCommands } from './pages.ts';
import { placeOf } from './places.ts';
import { serverCommands } from './server.ts';
import { setupCommands } from './setup.ts';
import { siteCommands } from './site.ts';
import { taskCommands } from './task.ts';
import { viewCommands } from './view.ts';

/** The commands that every console has, but for those of task types; those that open pages among them. */
export const standardCommands = (pages: readonly PageDefinition[]): readonly Command[] => [
  ...moveCommands(pages),
  ...logCommands,
  ...taskCommands,
  ...backupCommands,
  ...clientCommands,
  ...moveSitesCommands,
  ...handCommands,
  ...siteCommands,
  ...serverCommands,
  ...pageCommands(pages),
  ...viewCommands,
  ...setupCommands,
];

/** What a console is made of. Throws where two pages or two commands have one name: the second would never be found. */
export function makeRegistry(
  pages: readonly PageDefinition[],
  commands: readonly Command[] = standardCommands(pages),
): ConsoleRegistry {
  refuseDoubles(
    'pages',
    pages.map(({ kind }) => kind),
  );
  refuseDoubles(
    'commands',
    commands.map(({ id }) => id),
  );
  return { pages: new Map(pages.map((page) => [page.kind, page])), commands };
}

function refuseDoubles(what: string, names: readonly string[]): void {
  const double = names.find((name, place) => names.indexOf(name) !== place);
  if (double !== undefined) throw new Error(`two ${what} of the console are called "${double}"`);
}

const complete = new WeakMap<ConsoleRegistry, { of: TaskCatalogue; commands: readonly Command[] }>();

/** Every command: those of the registry, and one for each task type, once these are loaded. */
export function allCommands({ registry, catalogue }: ConsoleState): readonly Command[] {
  if (!catalogue) return registry.commands;
  const known = complete.get(registry);
  if (known?.of === catalogue) return known.commands;
  const commands = [...beginCommands(catalogue.definitions), ...registry.commands];
  complete.set(registry, { of: catalogue, commands });
  return commands;
}

/** The commands that can be used on the current page, with those that cannot run now. */
export function activeCommands(state: ConsoleState): readonly Command[] {
  const scopes = activeScopes(state);
  return allCommands(state).filter((command) => command.scopes.some((scope) => scopes.has(scope)));
}

/** The command of a key on the current page. */
export const commandOfKey = (state: ConsoleState, key: string): Command | undefined =>
  activeCommands(state).find((command) => command.keys.includes(key));

/** Why a command has no meaning on the current page: it is of another one, and takes no name of what it is done to. */
export function reasonElsewhere(command: Command, state: ConsoleState): string | undefined {
  if (command.takes && command.takes !== 'filter') return undefined;
  return activeCommands(state).includes(command)
    ? undefined
    : `this is done on ${placeOf(command.scopes, state.registry.pages)}`;
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
    .sort((a, b) => (a.footer ?? 0) - (b.footer ?? 0))
    .map((command) => ({ command, disabled: reasonAgainst(command, state, facts) !== undefined }));
}
