import type { CommandResult } from './command-result.ts';

/**
 * The closed list of what needs root, as plain data, so that it can move behind a helper process. Each act is
 * idempotent: performed twice it has the same result as once. `acts/` has the schema and code of each.
 *
 * Owners and groups are `root`, a site's handle, or the web server's user.
 */
export interface RootActs {
  /** Creates a locked system user with its own group, no password and no shell. Refuses a name that has another id. */
  'user.add': { args: { user: string; uid: number; home: string }; result: undefined };
  /** Ends the user's processes and removes the user and its group. */
  'user.remove': { args: { user: string }; result: undefined };
  /** Ends every process of the user. */
  'user.stop': { args: { user: string }; result: undefined };
  /**
   * Lets PHP-FPM's workers of a user finish their requests and exit; kills those left after `waitMs`. `program` is
   * PHP-FPM's executable. Returns how many were killed.
   */
  'user.drain': { args: { user: string; program: string; waitMs: number }; result: { ended: number } };
  /** Runs a command as a site's user, without other groups and unable to regain root's rights. */
  'user.run': {
    args: { user: string; file: string; args: string[]; cwd: string; env?: Record<string, string>; timeoutMs?: number };
    result: CommandResult;
  };
  /** Runs a command as a site's user on our standard input and output, without access to our terminal. */
  'user.terminal': {
    args: { user: string; file: string; args: string[]; cwd: string; env?: Record<string, string> };
    result: { code: number };
  };
  /** Creates a folder (its parents must exist and be root's), or sets owner, group and mode of an existing one. */
  'folder.make': { args: { path: string; owner: string; group: string; mode: number }; result: { made: boolean } };
  /** Replaces a file in a root-owned folder: temporary file, fsync, rename. */
  'file.write': {
    args: { path: string; text: string; owner?: string; group?: string; mode: number };
    result: { changed: boolean };
  };
  'file.remove': { args: { path: string }; result: { removed: boolean } };
  /** Points a link in a root-owned folder at a target, replacing an existing link (and only a link) by rename. */
  'link.make': { args: { path: string; target: string }; result: { changed: boolean } };
  /** Removes a link, and only a link. */
  'link.remove': { args: { path: string }; result: { removed: boolean } };
  /**
   * Removes a tree below one of the program's own folders. What a site's user can write is removed as that user (`as`),
   * after its processes are ended; root then removes only what is its own.
   */
  'tree.remove': { args: { path: string; as?: string }; result: { removed: boolean } };
  /** Gives a freshly built tree, which only root can write yet, to root: folders 0755, files 0644. */
  'tree.seal': { args: { path: string }; result: undefined };
  /**
   * Gives the content of a site's folder to its user and group, and corrects modes that lock either out; with `check`
   * it only looks. Returns how many entries differed, and the first of them.
   */
  'tree.own': {
    args: { path: string; user: string; group: string; check: boolean };
    result: { count: number; found: string[] };
  };
  /** Renames a built tree to its final name, on one file system. Refuses a name that exists. */
  'tree.rename': { args: { from: string; to: string }; result: undefined };
  /** Fetches a Debian package, with the libraries it links to, as a self-contained tree into an empty folder; `home` is its final place. */
  'source.debian': {
    args: { package: string; suite: string; cache: string; into: string; home: string };
    result: { version: string };
  };
  /** Downloads a file into the cache; leaves nothing of an interrupted download. */
  'source.download': { args: { url: string; to: string }; result: void };
  /** Downloads an npm package's archive and checks it against the registry's checksum. */
  'source.npm': { args: { package: string; version: string; to: string }; result: undefined };
  /** Unpacks folders, and the content of zip files, of an npm archive into an empty folder. */
  'source.parts': {
    args: { archive: string; to: string; parts: { from: string; to: string; except?: string[] | undefined }[] };
    result: undefined;
  };
  /** Fetches one commit of a repository, with its submodules and without history, into an empty folder of root's. */
  'source.git': { args: { url: string; ref: string; into: string }; result: { commit: string } };
  /**
   * Creates a project with Composer in an empty folder or, without a package, installs from the composer.lock there;
   * never as root. The tree must be sealed afterwards.
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
  /** Unpacks an archive into an empty folder of root's, after all entries have been checked. */
  'source.unpack': { args: { archive: string; to: string }; result: void };
  /** Installs packages of the distribution. */
  'package.install': { args: { packages: string[] }; result: void };
  /** Enables and starts the systemd unit of the worker or of a service. */
  'unit.enable': { args: { unit: string }; result: void };
  /** Stops such a unit. */
  'unit.stop': { args: { unit: string }; result: void };
  /** Starts, reloads or stops a service with its driver's command; see daemons.ts. */
  'service.control': {
    args: { service: ServiceProcess; action: 'start' | 'reload' | 'stop' | 'restart' };
    result: undefined;
  };
  /** Starts, reloads or stops the program's own web server with its PHP; `part` says what has changed. */
  'front.control': {
    args: { action: 'start' | 'reload' | 'stop' | 'restart'; part: 'http' | 'php' };
    result: undefined;
  };
  /** Saves the output of a site user's command in the backups folder, compressed with zstd on the fly. */
  'stream.save': { args: { from: UserCommand; to: string }; result: StreamResult };
  /** Streams a backup file, decompressed, to a site user's command. */
  'stream.load': { args: { from: string; sha256: string; into: UserCommand }; result: StreamResult };
  /** Writes a backup as one archive with mode 0600; refuses an existing file. */
  'backup.export': { args: { folder: string; to: string }; result: undefined };
  /** Unpacks such an archive into an empty folder of the backups. */
  'backup.open': { args: { archive: string; into: string }; result: undefined };
  /** Streams parts of a foreign folder, renamed, as a tar archive to a site user's command. */
  'found.files': {
    args: { folder: string; parts: { from: string; to: string }[]; leave: string[]; into: UserCommand };
    result: undefined;
  };
  /** Streams an SQL dump, filtered so that it can be loaded into one database, to a site user's command. */
  'found.dump': { args: { file: string; into: UserCommand }; result: void };
  /** Streams a database of MariaDB or MySQL, read with an account and password, to a site user's command. */
  'found.database': {
    args: {
      from: { host: string; port: number; socket: string; account: string; password: string; name: string };
      into: UserCommand;
    };
    result: undefined;
  };
  /**
   * Reads a backup file to its end and compares its checksum; with `entries` also checks the entries of a files
   * archive.
   */
  'stream.check': { args: { from: string; sha256: string; entries?: boolean | undefined }; result: StreamResult };
  /** Streams the output of one site user's command to that of another. */
  'stream.copy': { args: { from: UserCommand; into: UserCommand }; result: StreamResult };
  /** Makes an empty database, utf8mb4. Refuses one that exists. */
  'db.create': { args: { socket: string; database: string }; result: undefined };
  'db.drop': { args: { socket: string; database: string }; result: { dropped: boolean } };
  /** Creates an account that logs in by `unix_socket`, and grants it one database. Refuses an account that exists. */
  'db.account.add': { args: { socket: string; account: string; database: string }; result: undefined };
  /** Grants an existing account one more database of its site. */
  'db.grant': { args: { socket: string; account: string; database: string }; result: undefined };
  /** Ends the account's connections and drops it. */
  'db.account.remove': { args: { socket: string; account: string }; result: { dropped: boolean } };
  /** The disk space used by a database, and the data folder; read-only. */
  'db.size': { args: { socket: string; database: string }; result: { bytes: number; folder: string } };
  /** Databases and accounts whose name starts with a prefix; read-only. */
  'db.list': {
    args: { socket: string; prefix: string };
    result: { databases: string[]; accounts: string[]; version: string };
  };
}

/** A command that runs as a site's user. */
export interface UserCommand {
  user: string;
  file: string;
  args: string[];
  cwd: string;
  env?: Record<string, string> | undefined;
  /** Its input is an SQL dump; statements that refer to other databases or accounts are removed first. */
  adapt?: 'sql' | undefined;
  /** Makes it write its output in large blocks instead of small ones (stdbuf of coreutils). */
  buffered?: boolean | undefined;
  /** Socket of the MariaDB server whose statement limit is raised meanwhile. */
  longStatements?: string | undefined;
}

/** What went through a stream: bytes before compression, and for a file its size and checksum. */
export interface StreamResult {
  bytes: number;
  fileBytes: number;
  sha256: string;
}

export type RootVerb = keyof RootActs;

/** One recorded act: what a dry run shows and a helper process would receive. */
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
