import type { Inventory } from '../../db/inventory.ts';
import type { SiteRow } from '../../db/sites.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import type { TaskCatalogue } from '../model/catalogue.ts';
import type { Act, Command, ListedKind } from '../model/command.ts';
import type { Data } from '../model/data.ts';
import type { LogLook, SiteLog } from '../model/log.ts';
import type { LogFile, LogFiles } from '../model/log-source.ts';
import type { Cell, PaletteEntry } from '../model/parts.ts';
import { type ConsoleState, currentPage, type Dialog, type Page, type PageKind } from '../model/state.ts';
import type { Table } from '../tables/table.ts';

/** What the pages of a console read from. */
export interface PageSource {
  db: Inventory;
  paths: RootPaths;
  /** The logs that services write for a site. */
  siteLogs(site: SiteRow): readonly SiteLog[];
  /** Undefined until the task types are loaded. */
  catalogue: TaskCatalogue | undefined;
}

/** What the palette offers is read from this. */
export interface PaletteSource {
  db: Inventory;
  now: number;
  /** The URIs of all sites, read once for all that ask. */
  siteNames(): readonly string[];
}

/** A named value above the tabs of a page. */
export interface HeadFact {
  name: string;
  cell: Cell;
}

/** A list on a page. */
export interface PageList {
  /** Its rows: the same table for as long as they are the same (see `tableFrom`). */
  table(state: ConsoleState, page: Page): Table;
  /**
   * What its rows are. On a page without tabs, commands on these act on the row under the cursor and on marked rows. Of
   * objects the newest task is read.
   */
  rowKind?: ListedKind;
  /** The page that enter opens: its kind, where the id of a row is its name. */
  opens?: PageKind | ((id: string, page: Page) => Page);
  /** A text that enter shows instead, for a row without a page. */
  rowDialog?(id: string, act: Act): Dialog | undefined;
  /** Whether rows can be marked. */
  marks?: boolean;
  /** Whether its filter knows `task:`, for which the newest task of every site is read. */
  filtersByTask?: boolean;
  /** How many rows there are in all, where the first frame does not have them yet. */
  total?(state: ConsoleState): number;
  /** How many rows it holds at most: the newest. */
  limit?: number;
}

/** A tab of a page, known by its id: never by its title. */
export interface PageTab extends PageList {
  id: string;
  title: string;
  /** It shows what doctor finds: this machine is examined when it is opened. */
  showsFindings?: boolean;
  /** Where a command of this tab is done, for people; by default the tab of its page, by its title. */
  place?: string;
}

/** The log that a page shows, or a file that is looked at like one. */
export interface PageLog {
  /** Where its lines are; undefined while that is not known. */
  source(files: LogFiles, page: Page, state: ConsoleState): LogFile | undefined;
  /** Name of the file that it is saved into. */
  saveAs(page: Page): string;
  /** How its lines are drawn at first; what a person chooses is kept under this name, for all pages that share it. */
  look: { name: string; first: LogLook };
  /** Nothing goes on in it: it has neither times nor levels, and is called a file. */
  still?: boolean;
  /** Its lines are of one day, so that their dates are left out. */
  oneDay?: boolean;
  /** The numbers of its lines stay the same for the next console; else they count from where it was looked at first. */
  numbered?: boolean;
  /** What is copied instead of its last line, while no line was chosen. */
  link?(state: ConsoleState, page: Page): string | undefined;
  /** A sentence instead of it, where what it is about is gone. */
  missing?(state: ConsoleState, page: Page): string | undefined;
  /** The path of a file that it shows, for commands on files. */
  path?(page: Page): string;
}

/** How a page is drawn (`screens/screen-lines.ts`): one list, facts with tabs, or a drawing of its own. */
export type PageBody = 'list' | 'tabs' | 'home' | 'task' | 'log';

/** A kind of page of the console: all that is known of it. */
export interface PageDefinition {
  kind: PageKind;
  /** The line above it: this, then the name of the page. */
  title: string;
  /** Another line above it; undefined where what it needs has not been read. */
  breadcrumb?(state: ConsoleState, page: Page): readonly string[] | undefined;
  /** A page that one begins at, without a name. `key` opens it, and so does its kind on the `:` line; `help` is a sentence. */
  view?: { key?: string; help?: string };
  /** Title of the command that opens it by name: its kind on the `:` line. */
  goTo?: string;
  /** The object that it is about, by its name. */
  about?: ListedKind;
  /** Where a command of this page is done, for people; by default "a site's page", of views "the list of sites: 1". */
  place?: string;
  /** By default `tabs` where there are some, else `list`. */
  body?: PageBody;
  list?: PageList;
  tabs?: readonly PageTab[];
  log?: PageLog;
  /** It is about something of a site, which is read: commands on sites that name this page act on that. */
  belongsToSite?: boolean;
  /** Rows of facts above the tabs; a sentence where there is no such object. */
  facts?(state: ConsoleState, page: Page): readonly HeadFact[][] | string;
  /** Reads what it shows, when it is opened and after each change of the inventory. See `ownData` for what is its alone. */
  read?(source: PageSource, page: Page, old: Data): Partial<Data>;
  /** It reads with the catalogue too: it is read again when that is loaded. */
  readsCatalogue?: boolean;
  /** It shows what doctor finds: this machine is examined when it is opened. */
  showsFindings?: boolean;
  /** Names that tab completes on the `:` line, behind commands that take one of this kind. */
  names?: { of: string; read(db: Inventory, begun: string): readonly string[] };
  /** What the palette finds, lowest `order` first, and the page of a found name where that is not this kind's. */
  palette?: { order: number; read(source: PaletteSource): PaletteEntry[]; page?(name: string): Page };
}

/** What a console is made of: its kinds of pages, and its commands but for those of task types. */
export interface ConsoleRegistry {
  pages: ReadonlyMap<PageKind, PageDefinition>;
  commands: readonly Command[];
}

/* A page is defined by what it makes of the state, and the state holds the pages: neither file can import the other. */
declare module '../model/state.ts' {
  interface ConsoleState {
    /** The pages and commands of this console; never changes. */
    readonly registry: ConsoleRegistry;
  }
}

/** How many names tab offers on the `:` line, of what there may be very many. */
export const MOST_NAMES = 50;

/** Defines a kind of page. It is one of the console's where it is in the list that makes its registry. */
export const definePage = <Definition extends PageDefinition>(definition: Definition): Definition => definition;

/** What is known of a kind of page. Throws where there is none. */
export function pageDefinition({ registry }: ConsoleState, kind: PageKind): PageDefinition {
  const definition = registry.pages.get(kind);
  if (!definition) throw new Error(`there is no kind of page "${kind}"`);
  return definition;
}

/** The definition of the page on the screen. */
export const currentDefinition = (state: ConsoleState): PageDefinition =>
  pageDefinition(state, currentPage(state).kind);

/** The tab on the screen. */
export const currentTab = (state: ConsoleState): PageTab | undefined =>
  currentDefinition(state).tabs?.[currentPage(state).tab];

/** The list on the screen, of the page or of its tab. */
export function currentList(state: ConsoleState): PageList | undefined {
  const { list, tabs } = currentDefinition(state);
  return tabs ? currentTab(state) : list;
}

/** What is known of the log on the screen, if the page shows one. */
export const currentLog = (state: ConsoleState): PageLog | undefined => currentDefinition(state).log;

/** True while a tab is on the screen. */
export const isOnTab = (state: ConsoleState, kind: PageKind, tab: string): boolean =>
  currentPage(state).kind === kind && currentTab(state)?.id === tab;

/** What stands above the tabs of the page on the screen. */
export const currentFacts = (state: ConsoleState): readonly HeadFact[][] | string =>
  currentDefinition(state).facts?.(state, currentPage(state)) ?? [];

/** How the page on the screen is drawn. */
export function currentBody(state: ConsoleState): PageBody {
  const { body, tabs } = currentDefinition(state);
  return body ?? (tabs ? 'tabs' : 'list');
}

/** Where something is done, for people: a page. */
export const placeOfPage = ({ kind, title, view, place }: PageDefinition): string =>
  place ?? (view ? `the list of ${title.toLowerCase()}: ${view.key}` : `a ${kind}'s page`);

/** Where something is done, for people: a tab. */
export const placeOfTab = (definition: PageDefinition, { title, place }: PageTab): string =>
  place ?? `the tab ${title} of ${placeOfPage(definition)}`;
