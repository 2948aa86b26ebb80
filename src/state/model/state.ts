import type { ServiceRow } from '../../db/servers.ts';
import type { ObjectKind } from '../../db/tasks.ts';
import type { Marking } from '../../worker/marking.ts';
import type { WorkerTrouble } from '../../worker/worker-report.ts';
import type { TextEdit } from '../text/text-edit.ts';
import type { TaskCatalogue } from './catalogue.ts';
import type { Data } from './data.ts';
import type { FormState } from './form.ts';
import { emptyLog, type LogLook, type LogView } from './log.ts';
import type { PaletteEntry, PlanLine, Sort, Tone } from './parts.ts';

/** What a machine without a root can become: a server, or a trial without root. */
export type NewRoot = 'server' | 'trial';

/** The name of a kind of page, as its definition says it (`pages/kinds/`). */
export type PageKind = string;

/** Where the cursor of a list is, and what it shows. Rows are known by id, so that a refresh moves nothing. */
export interface ListState {
  cursor: string;
  /** Place of the cursor among the shown rows: where it stays when its row vanishes. */
  index: number;
  /** First row on the screen. */
  top: number;
  filter: string;
  sort: Sort | undefined;
  marks: ReadonlySet<string>;
}

/**
 * A page: a view, or one object. `name` is a URI, a name, or a task's id; for a log the URI of its site and the name
 * of its file, for a file its path; '' for views.
 */
export interface Page {
  kind: PageKind;
  name: string;
  tab: number;
  list: ListState;
  log: LogView;
}

/** A service of this machine as the frame shows it. */
export interface ServiceHealth {
  kind: ServiceRow['kind'];
  name: string;
  state: 'running' | 'stopped' | 'absent';
}

/** What is wrong with the worker, and whether the queue is worked on all the same. */
export type WorkerHealth = WorkerTrouble & { running: boolean };

/** How much of this machine is left. */
export interface MachineHealth {
  /** Of the disk that the root is on. */
  disk: { freeBytes: number; totalBytes: number };
  /** How many processes wanted to run, on average of the last 1, 5 and 15 minutes. */
  load: readonly number[];
  cpus: number;
}

/** One thing that was looked at on this machine. */
export interface Finding {
  /** `missing`: setup makes it; `warning`: nothing fails by it. */
  state: 'good' | 'missing' | 'bad' | 'warning';
  title: string;
  /** What was found; '' when nothing is wrong. */
  message: string;
  /** What to do about it; '' when nothing is needed. */
  hint: string;
}

/** One answer of a question. */
export interface Choice {
  label: string;
  run?(): void;
}

export type Dialog =
  | { kind: 'confirm'; title: string; lines: string[]; choices: Choice[]; selected: number; top: number }
  /** `openedAt` in milliseconds: a paste is taken only after a while. */
  | {
      kind: 'typed';
      title: string;
      lines: string[];
      expected: string;
      edit: TextEdit;
      top: number;
      openedAt: number;
      run(): void;
    }
  | { kind: 'help'; edit: TextEdit; selected: number }
  | { kind: 'line'; edit: TextEdit; history: number }
  | {
      kind: 'palette';
      edit: TextEdit;
      selected: number;
      entries: readonly PaletteEntry[];
      found: readonly PaletteEntry[];
    }
  /** `from`: where it was begun, and where one is again after it. */
  | { kind: 'tour'; step: number; from: readonly Page[] }
  | { kind: 'plan'; title: string; lines: readonly PlanLine[]; top: number; possible: boolean; ofForm: boolean }
  | { kind: 'filter'; edit: TextEdit }
  | { kind: 'search'; edit: TextEdit }
  /** Asks for a file. It stays open until `run` closes it: a name that is refused can be mended. */
  | { kind: 'file'; title: string; edit: TextEdit; run(file: string): void }
  | { kind: 'form'; form: FormState };

/** One line about what happened. `at` is when, in milliseconds: it stays long enough to be read. */
export interface Notice {
  text: string;
  tone: Tone;
  at: number;
}

/** Something that is done with many, and takes a while; `since` in milliseconds. */
export interface Going {
  what: string;
  done: number;
  total: number;
  unit: string;
  since: number;
}

/** How tasks of one's own ended just now. */
export interface Ended {
  good: boolean;
  /** The longest any of them took, from its queueing. */
  seconds: number;
  /** What is said of the last. */
  text: string;
}

/** How the console was left, and what becomes of the tasks that run in this process. */
export interface ConsoleExit {
  reason: 'quit' | 'hangup' | 'terminated' | 'reopen';
  tasks: 'none' | 'finish' | 'cancel';
}

/**
 * All that the console knows. Changed only by `ConsoleStore.update`. `pages/definition.ts` adds the registry: the kinds of
 * pages and the commands that this console has.
 */
export interface ConsoleState {
  columns: number;
  rows: number;
  /** Counts resizes: two frames with one between are never the same text, so that the second is drawn. */
  resizes: number;
  now: number;
  hostName: string;
  version: string;
  readOnly: boolean;
  /** By what this machine is told from others. */
  marking: Marking;
  /** True when the inventory names a server. */
  setUp: boolean;
  asRoot: boolean;
  canSetUp: boolean;
  data: Data;
  /** The way here; the last is on the screen. Never empty. */
  pages: readonly Page[];
  /** Views as they were left. */
  kept: Partial<Record<PageKind, Page>>;
  /** The last has the keys. */
  dialogs: readonly Dialog[];
  notice: Notice | undefined;
  /** The notices so far, newest last. */
  said: readonly Notice[];
  /** Until the next key. */
  ended: Ended | undefined;
  /** What is done with many behind the screen. */
  going: readonly Going[];
  services: readonly ServiceHealth[];
  machine: MachineHealth | undefined;
  /** undefined while nothing is wrong with it. */
  worker: WorkerHealth | undefined;
  /** What was found on this machine: on one that is not set up at once, else when somebody looks. */
  findings: readonly Finding[] | undefined;
  /** Tasks of the last queueing, for undo. */
  lastQueued: readonly number[];
  /** Tasks that were queued here, newest last: their end is told. */
  own: readonly number[];
  /** The task that is begun next opens its form, also where it would begin at once. */
  withOptions: boolean;
  /** What was typed into forms that were left. */
  drafts: Readonly<Record<string, Record<string, string>>>;
  lineHistory: readonly string[];
  logLooks: Readonly<Record<string, Partial<LogLook>>>;
  /** Loaded after the first frame: the task types are the heavy part of the program. */
  catalogue: TaskCatalogue | undefined;
  exit: ConsoleExit | undefined;
  /** The build that has taken the place of this program on disk; undefined while none has. */
  newer: string | undefined;
}

/** An object that a command acts on. */
export interface ObjectRef {
  kind: ObjectKind;
  name: string;
}

/** The page on the screen. */
export const currentPage = (state: ConsoleState): Page => state.pages.at(-1) ?? emptyPage('home');

/** The dialog that has the keys. */
export const currentDialog = (state: ConsoleState): Dialog | undefined => state.dialogs.at(-1);

/** The form that has the keys, if one has. */
export function currentForm(state: ConsoleState): Extract<Dialog, { kind: 'form' }> | undefined {
  const dialog = currentDialog(state);
  return dialog?.kind === 'form' ? dialog : undefined;
}

/** A page as it is first opened. */
export function emptyPage(kind: PageKind, name = ''): Page {
  return { kind, name, tab: 0, list: emptyList, log: emptyLog };
}

const emptyList: ListState = { cursor: '', index: 0, top: 0, filter: '', sort: undefined, marks: new Set() };

/** What is said when another version of the program has been installed under an open console. */
export const NEWER_PROGRAM = 'newer program installed: U reopens';
