import type { CommandResult } from './command-result.ts';
import type { RootActs } from './root-acts.ts';

/** A command as an argument array; never a shell line. */
export interface Command {
  file: string;
  args: string[];
  /** Written to the command's standard input. The place for secrets. */
  input?: string;
  env?: Record<string, string>;
  cwd?: string;
  /** Milliseconds until the command and its children are killed. */
  timeoutMs?: number;
  /** Ends the command and its children when it fires. */
  signal?: AbortSignal;
  /** Each line of output as it comes, cleaned of terminal controls. */
  onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** What a path is, without following a link at its end. */
export interface FileFact {
  kind: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits only, such as 0o750. */
  mode: number;
  uid: number;
  gid: number;
  size: number;
  modifiedMs: number;
  /** Where a link points, as written in it. */
  target?: string;
}

/** One read of `look`: names in a folder, what a path is, or the text of a file or its first `maxBytes`. */
export type Look = { list: string } | { stat: string } | { text: string; maxBytes?: number | undefined };

/** The answer to one read; what was not asked for, or is not there, is missing. */
export interface Looked {
  names?: string[] | undefined;
  fact?: FileFact | undefined;
  text?: string | undefined;
}

/** An answer that is there at once, or comes later where the host is elsewhere. */
export type Soon<T> = T | Promise<T>;

/** A file that is open, also after it has been renamed or removed. */
export interface OpenFile {
  /** Its size in bytes, and whether another file that is not empty has its name now. */
  state(): Soon<{ size: number; replaced: boolean }>;
  /** Fills `into` with what stands from the byte `at` on; returns how many bytes there were, fewer only at the end. */
  read(into: Buffer, at: number): Soon<number>;
  close(): void;
}

/** What can be read on a host. */
export type Reads = Pick<Host, 'readText' | 'stat' | 'list' | 'look' | 'open'>;

/** A Unix account of the host. */
export interface AccountFact {
  uid: number;
  gid: number;
  home: string;
}

/**
 * A machine with commands and files: this one or another. Tasks reach them only through a host. Reads are unrestricted;
 * everything that changes something, or needs another user, is an act of the closed list in root-acts.ts.
 */
export interface Host {
  readonly name: string;
  /** True for a host that records acts and performs none. */
  readonly planning: boolean;
  /** False where sites have no Unix users of their own, and everything belongs to the program's user. */
  readonly siteUsers: boolean;
  /** Content of a file, or undefined where there is none. */
  readText(path: string, maxBytes?: number): Promise<string | undefined>;
  /** Undefined where there is nothing. */
  stat(path: string): Promise<FileFact | undefined>;
  /** Names in a folder, sorted; empty where there is none. */
  list(path: string): Promise<string[]>;
  /** Many of these reads in one call, answered in their order: each call to a far host takes its time. */
  look(wanted: readonly Look[]): Promise<Looked[]>;
  /**
   * Opens a file that is read bit by bit, such as a log; undefined where there is none. A link at its end is not
   * followed. Throws `NOT_ALLOWED`, `NOT_A_FILE`.
   */
  open(path: string): Soon<OpenFile | undefined>;
  account(user: string): Promise<AccountFact | undefined>;
  accountOfUid(uid: number): Promise<string | undefined>;
  /** Free bytes and inodes for ordinary users on the file system of a path. */
  space(path: string): Promise<{ bytes: number; inodes: number }>;
  /** Runs a command that changes nothing (queries a version, tests a configuration) as the program's own user. */
  ask(command: Command): Promise<CommandResult>;
  /** Requests a page from a web server; an answer with status 0 says why there was none. */
  fetch(page: PageRequest): Promise<PageAnswer>;
  /** Performs, or records, one act of the closed list. Throws AegirError. */
  act<V extends keyof RootActs>(verb: V, args: RootActs[V]['args'], live?: ActOptions): Promise<RootActs[V]['result']>;
}

/** What an act gets from the running task and cannot be recorded as JSON. */
export interface ActOptions {
  signal?: AbortSignal;
  onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
  onProgress?: (done: number, total: number, unit: string) => void;
  /** Standard input of `user.run`; the place for secrets, so it is not among the recorded arguments. */
  input?: string;
}

/** One GET request: the address and port (or a Unix socket's path as address), and the host name to send. */
export interface PageRequest {
  address: string;
  port: number;
  host: string;
  path: string;
  timeoutMs: number;
}

export interface PageAnswer {
  status: number;
  body: string;
  location: string | undefined;
}
