import type { Host, PageAnswer } from '../host/host.ts';
import type { UserCommand } from '../host/root-acts.ts';
import type { ServerContext, ServiceContext, SiteContext } from '../model/context.ts';
import type { GeneratedFile } from '../model/generated-file.ts';
import type { DatabaseAccess, WebFacts } from '../model/service-facts.ts';

export type ServiceState = 'running' | 'stopped' | 'absent';

/**
 * The interface of every service driver. A server may have several services that one driver drives; each call is about
 * the first of its kind (`withFirst`).
 */
export interface ServiceDriver {
  /** The kind of service, such as `http`, and which one it drives, such as `nginx`. */
  kind: string;
  name: string;
  /** Detects what is installed of it by the distribution: of PHP it may be several branches. The newest comes first. */
  detect(host: Host): Promise<ServiceContext[]>;
  /**
   * What `detect` would find once the distribution's package is installed, with PHP of branch `phpBranch` (`8.4`); only
   * for packaged services.
   */
  packaged?(host: Host, phpBranch: string): Promise<ServiceContext>;
  state(host: Host, server: ServerContext): Promise<ServiceState>;
  /** Tests the whole configuration; returns the daemon's warnings. Throws `CONFIG_REFUSED` with the daemon's error. */
  test(host: Host, server: ServerContext): Promise<string[]>;
  /**
   * Starts, reloads, stops or restarts it; does nothing if it is in that state already. `signal` ends the wait for an
   * init system. Throws `SERVICE_START_FAILED`, `SERVICE_STOP_FAILED`.
   */
  control(host: Host, server: ServerContext, action: ServiceAction, signal?: AbortSignal): Promise<void>;
  /** When it started to run with its present configuration, in milliseconds; 0 when it does not run. */
  startedMs(host: Host, server: ServerContext): Promise<number>;
}

export type ServiceAction = 'start' | 'reload' | 'stop' | 'restart';

/** A root-owned folder, with its group and mode. */
export interface ServiceFolder {
  path: string;
  group: string;
  mode: number;
}

/** What the configuration files of a site are made from: one document, to which each driver may add what it needs. */
export interface SiteFacts {
  site: SiteContext;
  web: WebFacts;
  php: {
    /** Folders outside of home and platform that PHP must be able to read (open_basedir). */
    readable: string[];
    /** The Unix socket on which PHP answers for the site; '' where it has none. */
    socket: string;
  };
}

/** A driver with configuration files for each site. */
export interface SiteServiceDriver extends ServiceDriver {
  /** The line with which the daemon's own configuration includes our files. */
  include(server: ServerContext): string;
  /** True for a file of the daemon's configuration, whose change needs a reload. */
  reads(server: ServerContext, path: string): boolean;
  /**
   * Folders that must exist before configuration is written, parents first; their own parents belong to the root
   * folder.
   */
  folders(server: ServerContext): ServiceFolder[];
  /** Configuration files that belong to no site. */
  serverFiles(server: ServerContext): GeneratedFile[];
  siteFiles(facts: SiteFacts): GeneratedFile[];
  /**
   * Identifies the processes that serve with the present configuration. A reload is complete when all of them are new.
   */
  generation(host: Host, server: ServerContext): Promise<string[]>;
}

/** A foreign vhost that serves a name, or names that it matches. */
export interface ServedElsewhere {
  name: string;
  /** As written in that vhost: `*.example.org`, or an expression. */
  claim: string;
  /** The file that contains it. */
  file: string;
  line: number;
  /**
   * `theirs`: visitors get that vhost, whatever we write. `taken`: it has the same name, and visitors would get ours.
   * `pattern`: its pattern matches the name, and visitors would get ours. `part`: its name is one that our pattern
   * matches, and stays with it. `port`: it serves the name on another port.
   */
  how: 'theirs' | 'taken' | 'pattern' | 'part' | 'port';
}

export interface HttpDriver extends SiteServiceDriver {
  kind: 'http';
  /** Foreign vhosts on this machine that serve one of these names, worst first. */
  servedElsewhere(host: Host, server: ServerContext, names: string[]): Promise<ServedElsewhere[]>;
  /** Requests a page of a site from the local web server. */
  probe(host: Host, server: ServerContext, uri: string, path: string): Promise<PageAnswer>;
  /** The URL of a site: `http://shop.example.org`. */
  url(server: ServerContext, uri: string): string;
}

export interface PhpDriver extends SiteServiceDriver {
  kind: 'php';
  /** What to do if an extension is missing. */
  extensionsHint: string;
  /** False if PHP cannot reach other machines, so that a script that tries would only wait. */
  network: boolean;
  /** The Unix socket of a site's pool, of its own for each branch of PHP; '' without one. */
  socket(site: SiteContext): string;
  /** Waits until no request of a closed site is running; ends those that take too long. */
  drain(host: Host, site: SiteContext): Promise<{ ended: number }>;
  /** PHP of the same version for the command line: the program, and arguments that precede PHP's own. */
  commandLine(server: ServerContext): string[];
}

export interface DatabaseDriver extends ServiceDriver {
  kind: 'db';
  access(site: SiteContext): DatabaseAccess;
  /** php.ini settings that PHP on the command line needs to find it. */
  phpSettings(server: ServerContext): Record<string, string>;
  /** Databases and accounts with the site's names that exist already: `database aeg1r1`. Throws `DB_UNREACHABLE`. */
  present(host: Host, site: SiteContext): Promise<string[]>;
  /** Creates the release's database and the site's account if they are missing. */
  make(host: Host, site: SiteContext): Promise<void>;
  /** Drops the release's database and the site's account, ending its connections. */
  drop(host: Host, site: SiteContext): Promise<void>;
  /** Drops only the release's database; the account and databases of other releases stay. */
  dropDatabase(host: Host, site: SiteContext): Promise<void>;
  /** A command that writes a consistent dump of the release's database to stdout, as the site's user. */
  dump(host: Host, site: SiteContext): Promise<UserCommand>;
  /** A command that loads such a dump from stdin into the release's empty database, as the site's user. */
  load(host: Host, site: SiteContext): Promise<UserCommand>;
  /** The disk space used by the release's database. Throws `DB_UNREACHABLE`. */
  bytes(host: Host, site: SiteContext): Promise<number>;
  /** How much of that lies outside of the site's home. Throws `DB_UNREACHABLE`. */
  bytesOutside(host: Host, site: SiteContext): Promise<number>;
  /** The folder that contains the databases. Throws `DB_UNREACHABLE`. */
  folder(host: Host, site: SiteContext): Promise<string>;
  /** The database's own prompt on the release's database, as the site's user. Throws `CLIENT_MISSING`. */
  prompt(host: Host, site: SiteContext): Promise<UserCommand>;
  /** Checks that it can be administered; changes nothing. Throws `DB_UNREACHABLE`. */
  ask(host: Host, server: ServerContext): Promise<void>;
  /** Creates and drops a database and an account that no site has, and removes leftovers of an earlier test. */
  tryOut(host: Host, server: ServerContext): Promise<void>;
  /** Removes the leftovers of an interrupted test. */
  clearTryOut(host: Host, server: ServerContext): Promise<void>;
}

/** The drivers of the kinds of service that every site needs. */
export interface NeededDrivers {
  http: HttpDriver;
  php: PhpDriver;
  db: DatabaseDriver;
}

/** A driver of a service; one of another kind may have configuration files for each site too. */
export type AnyDriver = HttpDriver | PhpDriver | DatabaseDriver | SiteServiceDriver | ServiceDriver;
