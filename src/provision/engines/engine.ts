import type { PackageInfo, PlatformContext, Profile, SiteContext } from '../model/context.ts';
import type { Json } from '../model/errors.ts';
import type { GeneratedFile } from '../model/generated-file.ts';
import type { DatabaseAccess, Served, WebFacts } from '../model/service-facts.ts';

/** A code base, read-only. Paths are relative to it; none of its code is run. */
export interface CodeTree {
  /** First `maxBytes` (default 64 KiB) of a file; undefined if it does not exist. */
  read(path: string, maxBytes?: number): Promise<string | undefined>;
  exists(path: string): Promise<boolean>;
  /** Names in a folder, sorted; empty if it does not exist. */
  list(path: string): Promise<string[]>;
}

/** What an engine has detected in a code base. */
export interface Detection {
  version: string;
  /** The document root relative to the code base; '' for the code base itself. */
  docroot: string;
  profiles: Profile[];
  packages: PackageInfo[];
  /** The settings file, if the folder is a configured site of its own. */
  configuredSite?: string;
}

/** A folder of a site beyond the standard ones; `path` absolute, below data/ or the release. */
export interface SiteFolder {
  path: string;
  /** public: readable by the web server. private: only for the site's user. fixed: root's, readable by the site. */
  kind: 'public' | 'private' | 'fixed';
}

/** A root-owned link from `path` to `target`, both absolute. */
export interface SiteLink {
  path: string;
  target: string;
}

/**
 * A PHP program of an engine: JSON on standard input, one JSON line as the answer. The site's `url` is added to the
 * input.
 */
export interface PhpProgram {
  /** File name beside the engine, such as 'install.php'. */
  file: string;
  /** Folder to run in, absolute. */
  cwd: string;
  /** Time limit in seconds. */
  seconds: number;
  input: Record<string, Json>;
}

/** A part of an archive: a folder, or the content of a zip file. Paths are relative. */
export interface CodePart {
  from: string;
  to: string;
  /** Files of it that are left out. */
  except?: string[];
}

/** Something that a platform needs in addition to its own code. */
export interface Addition {
  title: string;
  /** A file that shows that it is present, and the folder into which it is installed; relative to the code base. */
  mark: string;
  into: string;
  /** Sources of its code, in the order in which they are tried; of `npm:` the wanted part of the package. */
  from: string[];
  part: string;
}

/**
 * A site found in a code base: its folder ('' for the code base itself) and its settings file, relative to the docroot.
 */
export interface FoundSite {
  folder: string;
  file: string;
}

/** How a site that was installed separately is taken over. Its files are read, never executed. */
export interface Adoption {
  /** The sites for which a code base has settings; links included. */
  sites(tree: CodeTree): Promise<FoundSite[]>;
  /** Recognises a site's folder without code, as in backups of other tools; `uri` is '' if unknown. */
  alone?(tree: CodeTree): Promise<{ file: string; uri: string } | undefined>;
  /**
   * Another file with settings, next to the main one, if the CMS has one; its content is reported but not taken over.
   */
  also?: string;
  read(settings: string, also?: string): FoundSettings;
  /** The file with people's own lines, next to the settings, if it has a known name. */
  own?: string;
  /**
   * The parts of a site, relative to the docroot, and their destinations: `files`, `private`, `extensions`, `config` or
   * below; includes missing parts that its settings name.
   */
  parts(tree: CodeTree, site: FoundSite): Promise<{ from: string; to: string }[]>;
  /** What is left out of them: tar patterns relative to the docroot. */
  leave: string[];
}

/** The content of the settings of such a site. */
export interface FoundSettings {
  /** undefined if it is computed at runtime, or is neither MariaDB nor MySQL. */
  database?: FoundDatabase | undefined;
  /** Settings files that are created once, by name: keys, and values that differ from ours. */
  settings: Record<string, string>;
  /** The beginning of each further statement; whether these apply here cannot be known. */
  more?: string[];
  /** The file that contains these, if it is another one next to the settings. */
  moreIn?: string;
}

/** A MariaDB or MySQL database that needs a password. An empty socket means host and port. */
export interface FoundDatabase {
  host: string;
  port: number;
  socket: string;
  account: string;
  password: string;
  name: string;
}

/** Time limit of a site's cron, in seconds. */
export const CRON_S = 600;
/** Time limit of a change to all of a site's content, in seconds. */
export const UPDATE_S = 7200;

/** Support for one kind of CMS: data and pure functions, with its PHP programs beside it. */
export interface Engine {
  name: string;
  title: string;
  /** A file that identifies the CMS, for the error message when none was detected. */
  looksFor: string;
  /** `databases`: the supported ones, each with the PHP extensions that it needs. */
  needs: {
    phpMin: string;
    phpMax?: string;
    extensions: string[];
    databases: Partial<Record<DatabaseAccess['driver'], string[]>>;
  };
  /** Default sources of its code, in the order in which they are tried. */
  sources?: string[];
  /** An npm package with its code in parts. */
  npm?: { package: string; parts: CodePart[] };
  /** What a platform needs in addition, for sites with this database. */
  additions?(database: DatabaseAccess['driver']): Addition[];
  /** Languages in which a new site can start; the first is the default. */
  languages(tree: CodeTree): Promise<string[]>;
  detect(tree: CodeTree): Promise<Detection | undefined>;
  /** Text by which a distribution's own version of such a file is recognised, which may be replaced. */
  distributionMark: string;
  /** Absolute paths of folders that the platform needs so that many sites can share it; root's, 0755. */
  platformFolders(platform: PlatformContext): string[];
  /** Files that the platform needs so that many sites can share it; root's, 0644. */
  platformFiles(platform: PlatformContext): GeneratedFile[];
  folders(site: SiteContext): SiteFolder[];
  /** Absolute paths of folders below those, which the site's own user creates. */
  ownFolders(site: SiteContext): string[];
  links(site: SiteContext): SiteLink[];
  /** Settings made from the inventory; generated keys have `once`. */
  settings(site: SiteContext, served: Served): GeneratedFile[];
  web(site: SiteContext): WebFacts;
  /** Variables with which the CMS's command-line tools find the site, in addition to `params` of `web`. */
  tools?(site: SiteContext, served: Served): Record<string, string>;
  /** Files that the CMS can generate again, which a backup leaves out: tar patterns relative to `data/`. */
  caches: string[];
  /** The same in the database: name prefixes of tables whose rows are not copied to another kind of database. */
  cacheTables: string[];
  /** Folders outside of home and platform that PHP must be able to read (open_basedir). */
  readable(site: SiteContext): string[];
  adoption: Adoption;
  install(site: SiteContext, served: Served, secrets: { adminPassword: string }): PhpProgram[];
  verify(site: SiteContext, served: Served): PhpProgram;
  login(site: SiteContext, user: string): PhpProgram;
  /** Runs the CMS's due cron jobs. */
  cron(site: SiteContext, served: Served): PhpProgram;
  /** Updates the database to the version of the code; does nothing if it is up to date. */
  update(site: SiteContext): PhpProgram;
  /**
   * Updates the content after the site had another URI, another address ('' if unknown) or another home. Idempotent.
   * The settings already have the new URI.
   */
  moved(site: SiteContext, from: FormerPlace): PhpProgram;
  /** Gives a copy of a site its own secrets if its content contains some; passwords stay. */
  renew?(site: SiteContext): PhpProgram;
}

/** The former URI and address of a site, and its former home if known. */
export interface FormerPlace {
  uri: string;
  url: string;
  home?: string | undefined;
}
