import type { ListedKind, Scope } from '../model/command.ts';
import { type ConsoleState, currentPage } from '../model/state.ts';
import { currentDefinition, currentLog, currentTab } from '../pages/definition.ts';
import { idUnderCursor, shownList } from '../pages/list.ts';

/** The object that the page is about, or the one under the cursor of a page that is one list. */
export function currentObject(state: ConsoleState): { kind: ListedKind; name: string } | undefined {
  const { about } = currentDefinition(state);
  if (about) return { kind: about, name: currentPage(state).name };
  const kind = listedKind(state);
  const name = kind && idUnderCursor(shownList(state));
  return name === undefined || !kind ? undefined : { kind, name };
}

/** What a command acts on: the marked rows, else the current object, where these are of its kind. */
export function targetNames(state: ConsoleState, of: ListedKind): readonly string[] {
  const { marks } = currentPage(state).list;
  if (listedKind(state) === of && marks.size > 0) return [...marks];
  const object = currentObject(state);
  return object?.kind === of ? [object.name] : [];
}

/** What the rows of a page that is one list are. */
const listedKind = (state: ConsoleState): ListedKind | undefined => currentDefinition(state).list?.rowKind;

/** The scopes that hold now. */
export function activeScopes(state: ConsoleState): ReadonlySet<Scope> {
  const page = currentPage(state);
  const scopes = new Set<Scope>(['anywhere', `page:${page.kind}`]);
  if (shownList(state)) scopes.add('list');
  const tab = currentTab(state);
  if (tab) scopes.add('tabs').add(`tab:${page.kind}.${tab.id}`);
  const log = currentLog(state);
  if (log) scopes.add('log');
  if (log && !log.still) scopes.add('live-log');
  // On an empty list its commands stay in sight, dimmed, with their reason.
  const kind = currentObject(state)?.kind ?? listedKind(state);
  if (kind) scopes.add(`on:${kind}`);
  return scopes;
}
