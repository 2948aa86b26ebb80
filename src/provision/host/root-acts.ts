import type { CommandResult } from './command-result.ts';

/**
 * The closed list of what needs root, as plain documents, so that it can move behind a helper.
 * Each act is idempotent: done twice it ends as done once. `acts/` holds the schema and the code of each.
 *
 * Owners and groups are `root`, a site's handle, or the web server's user.
 */
export interface RootActs {
  /** Makes a locked system user with its own group, no password and no shell. Refuses a name that is taken by another id. */
  'user.add': { args: { user: string; uid: number; home: string }; result: undefined };
  /** Ends the user's processes and removes user and group. */
  'user.remove': { args: { user: string }; result: undefined };
  /** Ends every process of the user. */
  'user.stop': { args: { user: string }; result: undefined };
  /**
   * Lets the workers of PHP-FPM that serve a user end what they do and go; those that are there after `waitMs` are ended.
   * `program` is PHP-FPM's own file. Answers how many were ended.
   */
  'user.drain': { args: { user: string; program: string; waitMs: number }; result: { ended: number } };
  /** Runs a command as a site's user, without other groups and without a way back to root. */
  'user.run': {
    args: { user: string; file: string; args: string[]; cwd: string; env?: Record<string, string>; timeoutMs?: number };
    result: CommandResult;
  };
  /** Runs a command as a site's user on our standard input and output, without giving it our terminal. */
  'user.terminal': {
    args: { user: string; file: string; args: string[]; cwd: string; env?: Record<string, string> };
    result: { code: number };
  };
  /** Makes a folder (parents must exist and be root's), or sets owner, group and mode of the one that is there. */
  'folder.make': { args: { path: string; owner: string; group: string; mode: number }; result: { made: boolean } };
  /** Replaces a file in a root-owned folder by temporary file, fsync and rename. */
  'file.write': {
    args: { path: string; text: string; owner?: string; group?: string; mode: number };
    result: { changed: boolean };
  };
  'file.remove': { args: { path: string }; result: { removed: boolean } };
  /** Points a link in a root-owned folder at a target, replacing an older link (and only a link) by rename. */
  'link.make': { args: { path: string; target: string }; result: { changed: boolean } };
  /** Removes a link, and only a link. */
  'link.remove': { args: { path: string }; result: { removed: boolean } };
  /**
   * Removes a tree below one of the program's own folders. What a site's user can write is removed as that
   * user (`as`), with its processes ended first; root then removes only what is its own.
   */
  'tree.remove': { args: { path: string; as?: string }; result: { removed: boolean } };
  /** Gives a freshly built tree, which nobody else can write yet, to root: folders 0755, files 0644. */
  'tree.seal': { args: { path: string }; result: undefined };
  /**
   * Gives what lies in a folder of a site to its user and group, and mends modes that keep either out; with `check`
   * it only looks. Answers how many differed, and the first of them.
   */
  'tree.own': {
    args: { path: string; user: string; group: string; check: boolean };
    result: { count: number; found: string[] };
  };
  /** Gives a built tree its final name, by rename on one file system. Refuses a name that exists. */
  'tree.rename': { args: { from: string; to: string }; result: undefined };
  /** Fetches a Debian package, with the libraries it links to, as a self-contained tree into an empty folder; `home` is its final place. */
  'source.debian': {
    args: { package: string; suite: string; cache: string; into: string; home: string };
    result: { version: string };
  };
  /** Downloads a file into the cache; nothing is left of one that breaks off. */
  'source.download': { args: { url: string; to: string }; result: void };
  /** Downloads the archive of a package by npm, and checks it against what npm announces. */
  'source.npm': { args: { package: string; version: string; to: string }; result: undefined };
  /** Takes folders, and the content of zip files, out of an archive of npm's into an empty folder. */
  'source.parts': {
    args: { archive: string; to: string; parts: { from: string; to: string; except?: string[] | undefined }[] };
    result: undefined;
  };
  /** Fetches one commit of a repository, with its submodules and without history, into an empty folder of root's. */
  'source.git': { args: { url: string; ref: string; into: string }; result: { commit: string } };
  /**
   * Makes a project by Composer in an empty folder, or with an empty package installs what the composer.lock there
   * says; never as root. The tree must be sealed after it.
   */
  'source.composer': {
    args: { package: string; version: string; into: string; command: string[] };
    result: undefined;
  };
  /** Installs PHP in WebAssembly of one branch ('8.4') into a folder of the cache. */
  'wasm.install': {
    args: { to: string; branch: string; packages: { name: string; version: string; integrity: string }[] };
    result: undefined;
  };
  /** Compares a file's SHA-256 sum. */
  'source.check': { args: { file: string; sha256: string }; result: void };
  /** Unpacks an archive into an empty folder of root's, after all of its entries were found harmless. */
  'source.unpack': { args: { archive: string; to: string }; result: void };
  /** Installs packages of the distribution. */
  'package.install': { args: { packages: string[] }; result: void };
  /** Enables and starts the systemd unit of the worker or of a service. */
  'unit.enable': { args: { unit: string }; result: void };
  /** Stops it. */
  'unit.stop': { args: { unit: string }; result: void };
  /** Starts, reloads or stops a service by its driver's command; see daemons.ts. */
  'service.control': {
    args: { service: ServiceProcess; action: 'start' | 'reload' | 'stop' | 'restart' };
    result: undefined;
  };
  /** Starts, reloads or stops the program's own web server with its PHP; `part` is what has changed. */
  'front.control': {
    args: { action: 'start' | 'reload' | 'stop' | 'restart'; part: 'http' | 'php' };
    result: undefined;
  };
  /** Saves what a command of a site's user says in the folder of backups, compressed by zstd as it comes. */
  'stream.save': { args: { from: UserWords; to: string }; result: StreamResult };
  /** Gives a file of the backups, unpacked, to a command of a site's user. */
  'stream.load': { args: { from: string; sha256: string; into: UserWords }; result: StreamResult };
  /** Writes a backup as one archive, 0600, where there is none yet. */
  'backup.export': { args: { folder: string; to: string }; result: undefined };
  /** Takes the files of such an archive into an empty folder of the backups. */
  'backup.open': { args: { archive: string; into: string }; result: undefined };
  /** Gives parts of a folder that is not ours, renamed, as a tar archive to a command of a site's user. */
  'found.files': {
    args: { folder: string; parts: { from: string; to: string }[]; leave: string[]; into: UserWords };
    result: undefined;
  };
  /** Gives a dump in SQL, as it may be loaded into one database, to a command of a site's user. */
  'found.dump': { args: { file: string; into: UserWords }; result: void };
  /** Gives a database of MariaDB or MySQL, by an account with a password, to a command of a site's user. */
  'found.database': {
    args: {
      from: { host: string; port: number; socket: string; account: string; password: string; name: string };
      into: UserWords;
    };
    result: undefined;
  };
  /** Reads a file of the backups to its end and compares its sum; looks at its entries where it is an archive of files. */
  'stream.check': { args: { from: string; sha256: string; entries?: boolean | undefined }; result: StreamResult };
  /** Gives what a command of one site's user says to a command of another's. */
  'stream.copy': { args: { from: UserWords; into: UserWords }; result: StreamResult };
  /** Makes an empty database, utf8mb4. Refuses one that exists. */
  'db.create': { args: { socket: string; database: string }; result: undefined };
  'db.drop': { args: { socket: string; database: string }; result: { dropped: boolean } };
  /** Makes an account that logs in by `unix_socket`, and grants it one database. Refuses an account that exists. */
  'db.account.add': { args: { socket: string; account: string; database: string }; result: undefined };
  /** Grants an account that is there one more database of its site. */
  'db.grant': { args: { socket: string; account: string; database: string }; result: undefined };
  /** Ends the account's connections and drops it. */
  'db.account.remove': { args: { socket: string; account: string }; result: { dropped: boolean } };
  /** What a database takes on the disk, and the folder of all of them; reads only. */
  'db.size': { args: { socket: string; database: string }; result: { bytes: number; folder: string } };
  /** Databases and accounts whose name starts with a prefix; reads only. */
  'db.list': {
    args: { socket: string; prefix: string };
    result: { databases: string[]; accounts: string[]; version: string };
  };
}

/** A command of a site's user. */
export interface UserWords {
  user: string;
  file: string;
  args: string[];
  cwd: string;
  env?: Record<string, string> | undefined;
  /** What it is given is a dump in SQL, of which what names others is left out first. */
  adapt?: 'sql' | undefined;
  /** What it says comes in large pieces, though it would say it in small ones (stdbuf of coreutils). */
  buffered?: boolean | undefined;
  /** Socket of the MariaDB that takes statements of any length meanwhile. */
  longStatements?: string | undefined;
}

/** What went through a stream: bytes unpacked, and for a file its size and sum. */
export interface StreamResult {
  bytes: number;
  fileBytes: number;
  sha256: string;
}

export type RootVerb = keyof RootActs;

/** One recorded act: what a dry run shows and what a helper would receive. */
export type RootAct = { [V in RootVerb]: { verb: V; args: RootActs[V]['args'] } }[RootVerb];

/** How to control one daemon, with or without systemd. All paths absolute. */
export interface ServiceProcess {
  /** The systemd unit; used where systemd runs and `unit` is not empty. */
  unit: string;
  pidFile: string;
  /** Starts the daemon in the background. */
  start: string[];
  /** Signal that makes the daemon read its configuration again; null for one that has none. */
  reloadSignal: 'SIGHUP' | 'SIGUSR2' | null;
  stopSignal: 'SIGTERM' | 'SIGQUIT';
  /** True when the daemon stays in the foreground, so that the program must put it in the background. */
  foreground: boolean;
}
