import type { Host, PageAnswer } from '../host/host.ts';
import type { UserCommand } from '../host/root-acts.ts';
import type { ServerContext, ServiceContext, SiteContext } from '../model/context.ts';
import type { GeneratedFile } from '../model/generated-file.ts';
import type { DatabaseAccess, WebFacts } from '../model/service-facts.ts';

export type ServiceState = 'running' | 'stopped' | 'absent';

/** What every service driver can do. */
export interface ServiceDriver {
  name: string;
  /** Finds the service as the distribution installs it; undefined where it is not installed. */
  detect(host: Host): Promise<ServiceContext | undefined>;
  /** What that finds once the distribution's package is there, `phpBranch` (`8.4`) being its PHP; for what a package brings. */
  packaged?(host: Host, phpBranch: string): Promise<ServiceContext>;
  state(host: Host, server: ServerContext): Promise<ServiceState>;
  /** Tests the whole configuration; gives the daemon's warnings. Throws `CONFIG_REFUSED` with its own words. */
  test(host: Host, server: ServerContext): Promise<string[]>;
  /**
   * Starts, reloads, stops or restarts it; what is so already stays. `signal` ends the wait for an init system.
   * Throws `SERVICE_START_FAILED`, `SERVICE_STOP_FAILED`.
   */
  control(host: Host, server: ServerContext, action: ServiceAction, signal?: AbortSignal): Promise<void>;
  /** When it began to run with the configuration of now, in milliseconds; 0 when it does not run. */
  startedMs(host: Host, server: ServerContext): Promise<number>;
}

export type ServiceAction = 'start' | 'reload' | 'stop' | 'restart';

/** A folder of root's, with its group and mode. */
export interface ServiceFolder {
  path: string;
  group: string;
  mode: number;
}

/** A driver whose configuration has files for each site. */
export interface SiteServiceDriver extends ServiceDriver {
  /** The line by which the daemon's own configuration takes in what this program writes. */
  include(server: ServerContext): string;
  /** True for a file that the daemon reads as its configuration, so that a change of it needs a reload. */
  reads(server: ServerContext, path: string): boolean;
  /** Folders that must be there before it is configured, parents first; their own parents are the root's. */
  folders(server: ServerContext): ServiceFolder[];
  /** Configuration that does not belong to a site. */
  serverFiles(server: ServerContext): GeneratedFile[];
  siteFiles(site: SiteContext, web: WebFacts, readable: string[]): GeneratedFile[];
  /** What serves by the configuration of now. A reload has taken effect when none of the earlier ones is left. */
  generation(host: Host, server: ServerContext): Promise<string[]>;
}

/** A vhost that is not ours and serves a name, or names that it takes in. */
export interface ServedElsewhere {
  name: string;
  /** As that vhost says it: `*.example.org`, or an expression. */
  claim: string;
  /** Where it is written. */
  file: string;
  line: number;
  /**
   * `theirs`: visitors get that vhost, whatever we write. `taken`: it says the very same name, and visitors would get
   * ours. `pattern`: its pattern takes the name in, and visitors would get ours. `part`: it keeps one that our pattern
   * takes in. `port`: it serves the name on another port.
   */
  how: 'theirs' | 'taken' | 'pattern' | 'part' | 'port';
}

export interface HttpDriver extends SiteServiceDriver {
  /** Who else serves one of these names on this machine, worst first. */
  servedElsewhere(host: Host, server: ServerContext, names: string[]): Promise<ServedElsewhere[]>;
  /** Asks the web server itself, on this machine, for a page of a site. */
  probe(host: Host, server: ServerContext, uri: string, path: string): Promise<PageAnswer>;
  /** The address of a site as people open it: `http://shop.example.org`. */
  url(server: ServerContext, uri: string): string;
}

export interface PhpDriver extends SiteServiceDriver {
  /** What to do where it lacks an extension. */
  extensionsHint: string;
  /** False where a script that asks another machine would only wait. */
  network: boolean;
  /** Waits until nothing runs for the visitors of a site that is closed to them; ends what takes too long. */
  drain(host: Host, site: SiteContext): Promise<{ ended: number }>;
  /** PHP for the command line, of the same version: a program, and words that go before PHP's own. */
  commandLine(server: ServerContext): string[];
}

export interface DatabaseDriver extends ServiceDriver {
  access(site: SiteContext): DatabaseAccess;
  /** php.ini settings by which PHP on the command line finds it. */
  phpSettings(server: ServerContext): Record<string, string>;
  /** What bears the names of the site already: `database aeg1r1`. Throws `DB_UNREACHABLE`. */
  present(host: Host, site: SiteContext): Promise<string[]>;
  /** Makes the release's database and the site's account where they are missing. */
  make(host: Host, site: SiteContext): Promise<void>;
  /** Drops the release's database and the site's account, ending its connections. */
  drop(host: Host, site: SiteContext): Promise<void>;
  /** Drops the release's database alone; the account and those of other releases stay. */
  dropDatabase(host: Host, site: SiteContext): Promise<void>;
  /** Says a consistent copy of the release's database on standard output, as the site's user. */
  dump(host: Host, site: SiteContext): Promise<UserCommand>;
  /** Reads such a copy from standard input into the release's empty database, as the site's user. */
  load(host: Host, site: SiteContext): Promise<UserCommand>;
  /** What the release's database takes on the disk. Throws `DB_UNREACHABLE`. */
  bytes(host: Host, site: SiteContext): Promise<number>;
  /** What of it lies outside the site's home. Throws `DB_UNREACHABLE`. */
  bytesOutside(host: Host, site: SiteContext): Promise<number>;
  /** The folder in which databases lie. Throws `DB_UNREACHABLE`. */
  folder(host: Host, site: SiteContext): Promise<string>;
  /** Its own prompt on the release's database, as the site's user. Throws `CLIENT_MISSING`. */
  prompt(host: Host, site: SiteContext): Promise<UserCommand>;
  /** Asks whether it can be administered; changes nothing. Throws `DB_UNREACHABLE`. */
  ask(host: Host, server: ServerContext): Promise<void>;
  /** Makes and drops a database and an account that no site has, clearing away what an earlier try has left. */
  tryOut(host: Host, server: ServerContext): Promise<void>;
  /** Drops what a try that was cut has left. */
  clearTryOut(host: Host, server: ServerContext): Promise<void>;
}
