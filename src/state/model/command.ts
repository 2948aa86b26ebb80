import type { PaletteEntry, Tone } from './parts.ts';
import type { ConsoleExit, ConsoleState, NewRoot, ObjectRef, PageKind } from './state.ts';

/** What a person does by hand while the console steps aside. */
export type HandOver =
  | { kind: 'shell' }
  /** `line` is run by a shell as the site's user; without one he is given that shell. */
  | { kind: 'exec'; uri: string; line: string }
  | { kind: 'database'; uri: string }
  | { kind: 'edit'; uri: string; file: string };

/** How it ended: whether something stands there to be read first, and what is said of it in the console. */
export interface HandedBack {
  read: boolean;
  said: string;
}

/** What can be done with backups themselves. */
export interface BackupActions {
  /** Reads them back whole, one after the other. */
  check(names: readonly string[]): void;
  /** Asks first, with every name, then removes them. */
  askDelete(names: readonly string[]): void;
  /** Asks for a new file, and writes the backup into it. */
  askExport(name: string): void;
  /** Asks for a file that was exported, on this machine or another, and takes it in. */
  askImport(): void;
}

/** What can be done to clients. They are entries of the inventory alone, so that it is done at once. */
export interface ClientActions {
  add(): void;
  edit(name: string): void;
  /** Asks first. */
  askRemove(name: string): void;
}

/** What can be done with the log on the screen. */
export interface LogActions {
  /** Looks for a text, from the line that keys act on upward. */
  startSearch(text: string): void;
  /** The next match of the search, or the one before. */
  findNext(backwards: boolean): void;
  findError(backwards: boolean): void;
  toggleMark(): void;
  nextMark(): void;
  /** Sends the line to the terminal's clipboard. */
  copyLine(): void;
  /** Shows the whole of the line. */
  showLine(): void;
  /** Asks for a new file, and writes the lines that the filter shows into it. */
  askWhereToSave(): void;
}

/** What can be done with tasks that are there. Each is done by itself: what one is refused stops no other. */
export interface TaskActions {
  /** Asks first, with every name, unless it is one that has not begun. */
  cancel(ids: readonly number[]): void;
  /** Asks as the type of a task does before it is begun; of several always, with every name. */
  retry(ids: readonly number[]): void;
  recover(ids: readonly number[]): void;
  /** Cancels what was queued last; asks where some of it runs already. */
  undo(): void;
  /** Opens what was queued last: the task, or the batch that several are. */
  showLast(): void;
}

/**
 * Where a command can be used: everywhere, on one kind of page, on one tab of it by its id, or where there is a list, tabs,
 * a log (one in which something goes on), or an object of some kind (the one that the page is about, or the one under the cursor of a page without tabs).
 */
export type Scope =
  | 'anywhere'
  | 'list'
  | 'tabs'
  | 'log'
  | 'live-log'
  | `page:${PageKind}`
  | `on:${ListedKind}`
  | `tab:${PageKind}.${string}`;

/** What lists show and commands act on: the objects of tasks, tasks, backups, clients, and what a page of its own lists. */
export type ListedKind = ObjectRef['kind'] | 'task' | 'backup' | 'client' | (string & {});

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
  /** What may follow it on the `:` line: a filter, or a name of this kind (`names` of a page says which there are). */
  takes?: 'filter' | (string & {});
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
  localFiles(uri: string): Promise<readonly string[]>;
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
  /** Goes on as the program on disk. */
  reopen(): void;
}
