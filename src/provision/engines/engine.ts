import type { PackageInfo, PlatformContext, Profile, SiteContext } from '../model/context.ts';
import type { Json } from '../model/errors.ts';
import type { GeneratedFile } from '../model/generated-file.ts';
import type { DatabaseAccess, WebFacts } from '../model/service-facts.ts';

/** A code base, for reading only. Paths are relative to it; nothing of it is run. */
export interface CodeTree {
  /** First `maxBytes` (64 KiB unless said) of a file; undefined where there is none. */
  read(path: string, maxBytes?: number): Promise<string | undefined>;
  exists(path: string): Promise<boolean>;
  /** Names in a folder, sorted; empty where there is none. */
  list(path: string): Promise<string[]>;
}

/** What an engine found in a code base. */
export interface Detection {
  version: string;
  /** '' or the folder below the code base that is the web server's root. */
  docroot: string;
  profiles: Profile[];
  packages: PackageInfo[];
  /** Set when the folder is a configured site of its own: which file says so. */
  configuredSite?: string;
}

/** A folder of a site beyond the standard ones; `path` absolute, below data/ or the release. */
export interface SiteFolder {
  path: string;
  /** public: the web server may read it. private: the site's user alone. fixed: root's, the site may read it. */
  kind: 'public' | 'private' | 'fixed';
}

/** A link, root's, from `path` to `target`, both absolute. */
export interface SiteLink {
  path: string;
  target: string;
}

/** One PHP program of an engine: JSON on standard input, one JSON line as the answer. */
export interface Program {
  /** File name beside the engine, such as 'install.php'. */
  file: string;
  /** Folder to run in, absolute. */
  cwd: string;
  /** Time limit in seconds. */
  seconds: number;
  input: Record<string, Json>;
}

/** A part of an archive: a folder, or a zip file whose content is meant. Paths are relative. */
export interface CodePart {
  from: string;
  to: string;
  /** Files of it that are not taken. */
  except?: string[];
}

/** What a platform needs beside its own code. */
export interface Addition {
  title: string;
  /** A file by which it is known to be there, and the folder that it goes into; relative to the code base. */
  mark: string;
  into: string;
  /** Sources of code, in the order in which they are tried; of `npm:` the part of the package that is meant. */
  from: string[];
  part: string;
}

/** A site in a code base: its folder ('' for the code base itself) and the file of its settings, relative to the docroot. */
export interface FoundSite {
  folder: string;
  file: string;
}

/** How a site that has an installation of its own is taken over. Its files are read, and never run. */
export interface Adoption {
  /** The sites that a code base has settings of; links too. */
  sites(tree: CodeTree): Promise<FoundSite[]>;
  /** Knows the folder of a site alone, without code, as backups of others hold it; `uri` is '' where it does not say. */
  alone?(tree: CodeTree): Promise<{ file: string; uri: string } | undefined>;
  /** The file beside its settings in which people say more, where a CMS has one; what it holds is told and left out. */
  also?: string;
  read(settings: string, also?: string): FoundSettings;
  /** The file beside its settings that holds people's own lines, where such a name is known. */
  own?: string;
  /**
   * Where the parts of a site lie, seen from the docroot, and where they go: `files`, `private`, `extensions`, `config` or
   * below; those too that its settings name and that are not there.
   */
  parts(tree: CodeTree, site: FoundSite): Promise<{ from: string; to: string }[]>;
  /** What of them is left where it is: patterns of tar, relative to the docroot. */
  leave: string[];
}

/** What the settings of such a site say. */
export interface FoundSettings {
  /** undefined where it is worked out while the site runs, or is no MariaDB or MySQL. */
  database?: FoundDatabase | undefined;
  /** Files of our settings that are made once, by name: keys, and what differs from our own. */
  settings: Record<string, string>;
  /** What they say beside that, each by the beginning of its statement: nobody can know what of it holds here. */
  more?: string[];
  /** Where they say it, when that is another file, beside the settings. */
  moreIn?: string;
}

/** A database of MariaDB or MySQL that needs a password. An empty socket means host and port. */
export interface FoundDatabase {
  host: string;
  port: number;
  socket: string;
  account: string;
  password: string;
  name: string;
}

/** How long the cron of a site may take, in seconds. */
export const CRON_S = 600;
/** How long a change of all of a site's content may take, in seconds. */
export const UPDATE_S = 7200;

/** What knows one kind of CMS. Data and pure functions; its PHP programs lie beside it. */
export interface Engine {
  name: string;
  title: string;
  /** File that gives it away, for the message when nothing was found. */
  looksFor: string;
  /** `databases`: those it can use, each with the PHP extensions that it takes. */
  needs: {
    phpMin: string;
    phpMax?: string;
    extensions: string[];
    databases: Partial<Record<DatabaseAccess['driver'], string[]>>;
  };
  /** Sources of its code for somebody who names none, in the order in which they are tried. */
  sources?: string[];
  /** A package of npm that holds its code in parts. */
  npm?: { package: string; parts: CodePart[] };
  /** What a platform must hold for sites with such a database. */
  additions?(database: DatabaseAccess['driver']): Addition[];
  /** Languages a new site can start in; the first is the default. */
  languages(tree: CodeTree): Promise<string[]>;
  detect(tree: CodeTree): Promise<Detection | undefined>;
  /** What a distribution's own version of such a file says in its text, by which it may be replaced. */
  distributionMark: string;
  /** Folders that the platform needs so that many sites can share it, absolute; root's, 0755. */
  platformFolders(platform: PlatformContext): string[];
  /** Files that the platform needs so that many sites can share it; root's, 0644. */
  platformFiles(platform: PlatformContext): GeneratedFile[];
  folders(site: SiteContext): SiteFolder[];
  /** Folders below those that the site makes for itself, as its own user; absolute. */
  ownFolders(site: SiteContext): string[];
  links(site: SiteContext): SiteLink[];
  /** Settings from the inventory; generated keys come in with `once`. */
  settings(site: SiteContext, database: DatabaseAccess): GeneratedFile[];
  web(site: SiteContext): WebFacts;
  /** Variables by which its own command-line tools find the site, beside `params` of `web`. */
  tools?(site: SiteContext): Record<string, string>;
  /** What the CMS makes again by itself and a backup leaves out, relative to `data/`: patterns of tar. */
  caches: string[];
  /** The same of the database: beginnings of names of tables whose rows are not carried from one database to another. */
  cacheTables: string[];
  /** Folders beside home and platform that PHP must read (open_basedir). */
  readable(site: SiteContext): string[];
  adoption: Adoption;
  install(site: SiteContext, database: DatabaseAccess, secrets: { adminPassword: string }): Program[];
  verify(site: SiteContext, database: DatabaseAccess): Program;
  login(site: SiteContext, user: string): Program;
  /** Runs what the CMS has planned for now. */
  cron(site: SiteContext): Program;
  /** Brings the database to the version of the code; one that is so already is left as it is. */
  update(site: SiteContext): Program;
  /**
   * Lets the content follow when the site was known by another URI, at another address ('' when it is not known) or in
   * another home.
   * Can be run twice. The files of settings say the new URI already.
   */
  moved(site: SiteContext, from: FormerPlace): Program;
  /** Gives a copy of a site secrets of its own where its content holds some; nobody's password changes. */
  renew?(site: SiteContext): Program;
}

/** Where a site was: its URI, its address, and its home where that is known. */
export interface FormerPlace {
  uri: string;
  url: string;
  home?: string | undefined;
}
