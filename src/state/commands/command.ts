import type { BackupActions } from '../backup-actions.ts';
import type { ClientActions } from '../client-actions.ts';
import { idUnderCursor, shownList } from '../list.ts';
import type { LogActions } from '../log-actions.ts';
import { logKindOf } from '../log-view.ts';
import type { ConsoleExit, ConsoleState, NewRoot, ObjectRef, PageKind } from '../model.ts';
import { currentPage } from '../model.ts';
import { tabsOf } from '../page-table.ts';
import type { PaletteEntry } from '../palette.ts';
import type { HandOver } from '../step-aside.ts';
import type { Tone } from '../table.ts';
import type { TaskActions } from '../task-actions.ts';

/**
 * Where a command can be used: everywhere, on one kind of page, on one tab, or where there is a list, tabs, a log, or
 * an object of some kind (the one that the page is about, or the one under the cursor of a view).
 */
export type Scope =
  | 'anywhere'
  | 'list'
  | 'tabs'
  | 'log'
  | `page:${PageKind}`
  | `on:${ListedKind}`
  | 'tab:Moves'
  | 'tab:Aliases';

/** What lists show and commands act on: the objects of tasks, tasks, and backups. */
export type ListedKind = ObjectRef['kind'] | 'task' | 'backup' | 'client';

/** A thing that a person can do. Keys, footer, help, `:` line, read-only mode and the docs all come from these. */
export interface Command {
  /** Also its word on the `:` line. */
  id: string;
  title: string;
  keys: readonly string[];
  scopes: readonly Scope[];
  danger: 'none' | 'confirm' | 'typed';
  /** One sentence for help. */
  help: string;
  /** It changes something: refused in a read-only session. */
  changes?: boolean;
  /** Place in the footer, lowest first; without one it is not there. */
  footer?: number;
  /** Shorter words for the footer. */
  short?: string;
  /** What may follow it on the `:` line. */
  takes?: 'site' | 'platform' | 'server' | 'task' | 'backup' | 'batch' | 'client' | 'filter';
  /** Why it cannot be done now. */
  disabledReason?(state: ConsoleState, facts: Facts): string | undefined;
  run(act: Act, given: string): void;
}

/** What a reason may look up. */
export interface Facts {
  /** Why the queue would not take a task on an object now. */
  refusal(type: string, object: ObjectRef): string | undefined;
  /** True when tasks run in this process. */
  running(): number;
}

/** What a command can do. */
export interface Act {
  state(): ConsoleState;
  facts: Facts;
  update(change: (state: ConsoleState) => ConsoleState): void;
  notify(text: string, tone?: Tone): void;
  /** Begins a task: form, question or queue, whichever its type asks for. */
  beginTask(type: string, objects: readonly ObjectRef[], given?: Record<string, string>): void;
  readonly tasks: TaskActions;
  log: LogActions;
  backups: BackupActions;
  clients: ClientActions;
  runLine(typed: string): void;
  runCommand(id: string, given?: string): void;
  suspend(): void;
  setUp(as: NewRoot): void;
  /** Gives the terminal to something done by hand. */
  handOver(what: HandOver): void;
  /** Lets the services of a server test their configuration, and shows what they say. */
  testServices(name: string): void;
  /** Shows what verifying a site would change; queues nothing. */
  planVerify(uri: string): void;
  /** The `local.*` files of a site, each by the word in its name. */
  localFiles(uri: string): readonly string[];
  refresh(): void;
  /** Opens the palette: over all that there is, or over what is given. */
  palette(entries?: readonly PaletteEntry[]): void;
  /** Ready platforms of the same CMS. */
  otherPlatforms(name: string): readonly { name: string; about: string }[];
  /** Ids of batches that begin so; an id that is one, alone. */
  batchesLike(begun: string): readonly string[];
  /** Asks whether the sites of the comparison on the screen are to move; words as those of the command line. */
  moveSites(words: string): void;
  quit(exit?: ConsoleExit): void;
}

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
