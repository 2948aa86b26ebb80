import type { AnyTask } from '../../provision/tasks/model/tasks.ts';
import type { Act, Command, Scope } from '../model/command.ts';
import type { ObjectRef } from '../model/state.ts';
import { currentPage } from '../model/state.ts';
import { isOnTab } from '../pages/definition.ts';
import { idUnderCursor, shownList } from '../pages/list.ts';
import { currentObject, targetNames } from './command.ts';

/** A command for each task type. */
export const beginCommands = (definitions: readonly AnyTask[]): Command[] => definitions.map(commandOf);

function commandOf(definition: AnyTask): Command {
  const { type, title, summary, object, danger, keys = [], footer } = definition;
  return {
    id: type.replace('.', '-'),
    title: `${object[0]?.toUpperCase()}${object.slice(1)}: ${title.toLowerCase()}`,
    short: definition.creates && !copies(definition) ? 'new' : title.toLowerCase(),
    keys,
    scopes: scopesOf(definition),
    danger,
    help: summary,
    footer,
    changes: true,
    takes: object,
    disabledReason: (state, facts) => {
      if (!state.setUp) return 'this machine is not set up: run aegir setup';
      if (definition.creates) return creationReason(definition, state.data.counts.platforms);
      const names = targetNames(state, object);
      const [name] = names;
      if (name === undefined) return `there is no ${object} here`;
      // With several marked, each is asked for when they are queued.
      return names.length > 1 ? undefined : facts.refusal(type, { kind: object, name });
    },
    run: (act, given) => act.beginTask(type, objectsOf(act, definition, given), presets(act, definition)),
  };
}

/** A task that makes its object of another one, which is the one that is looked at. */
const copies = ({ creates }: AnyTask): boolean => creates?.copies === true;

function scopesOf(definition: AnyTask): Scope[] {
  const { object, creates } = definition;
  if (!creates || copies(definition)) return [`on:${object}`];
  return object === 'site' ? ['page:sites', 'page:platform'] : [`page:${object}s` as Scope];
}

const creationReason = (definition: AnyTask, platforms: number): string | undefined =>
  definition.object === 'site' && platforms === 0 ? 'a site needs a platform: press 2, then n' : undefined;

function objectsOf(act: Act, definition: AnyTask, given: string): ObjectRef[] {
  if (given !== '') return [{ kind: definition.object, name: given }];
  return definition.creates
    ? []
    : targetNames(act.state(), definition.object).map((name) => ({ kind: definition.object, name }));
}

/** A new site is asked for on the platform that is being looked at. */
function presets(act: Act, definition: AnyTask): Record<string, string> | undefined {
  const state = act.state();
  const object = currentObject(state);
  if (copies(definition)) return object?.kind === definition.object ? { source: object.name } : undefined;
  // The service under the cursor is the one that is meant.
  const asksService = state.catalogue?.fieldsOf(definition).find(({ choices }) => choices === 'services');
  if (asksService && isOnTab(state, 'server', 'services')) {
    const service = idUnderCursor(shownList(state));
    return service === undefined ? undefined : { [asksService.name]: service };
  }
  const onPlatform = currentPage(state).kind === 'platform' && object !== undefined;
  return definition.creates && onPlatform ? { platform: object.name } : undefined;
}
