import { logKindOf } from '../log/view.ts';
import type { ListedKind, Scope } from '../model/command.ts';
import type { ConsoleState, PageKind } from '../model/state.ts';
import { currentPage } from '../model/state.ts';
import { idUnderCursor, shownList } from '../pages/list.ts';
import { tabsOf } from '../pages/page-table.ts';

/** The object that the page is about, or the one under the cursor of a view. */
export function currentObject(state: ConsoleState): { kind: ListedKind; name: string } | undefined {
  const page = currentPage(state);
  const own = listedKinds.find((one) => one === page.kind);
  if (own) return { kind: own, name: page.name };
  const kind = objectOfView[page.kind];
  const name = kind && idUnderCursor(shownList(state));
  return name === undefined || !kind ? undefined : { kind, name };
}

const listedKinds = ['site', 'platform', 'server', 'task', 'backup'] as const satisfies readonly ListedKind[];

/** What a command acts on: the marked rows, else the current object, where these are of its kind. */
export function targetNames(state: ConsoleState, of: ListedKind): readonly string[] {
  const { kind, list } = currentPage(state);
  if (objectOfView[kind] === of && list.marks.size > 0) return [...list.marks];
  const object = currentObject(state);
  return object?.kind === of ? [object.name] : [];
}

/** The kind of object that a view lists. */
export const objectOfView: Partial<Record<PageKind, ListedKind>> = {
  sites: 'site',
  platforms: 'platform',
  servers: 'server',
  tasks: 'task',
  backups: 'backup',
  clients: 'client',
};

/** The scopes that hold now. */
export function activeScopes(state: ConsoleState): ReadonlySet<Scope> {
  const page = currentPage(state);
  const scopes = new Set<Scope>(['anywhere', `page:${page.kind}`]);
  if (shownList(state)) scopes.add('list');
  if (tabsOf[page.kind]) scopes.add('tabs');
  const tab = tabsOf[page.kind]?.[page.tab];
  if (tab === 'Moves' || tab === 'Aliases') scopes.add(`tab:${tab}`);
  if (logKindOf(page)) scopes.add('log');
  const object = currentObject(state);
  if (object) scopes.add(`on:${object.kind}`);
  // On an empty view its commands stay in sight, dimmed, with their reason.
  else if (objectOfView[page.kind]) scopes.add(`on:${objectOfView[page.kind] ?? 'task'}`);
  return scopes;
}
