import { join } from 'node:path';
import { z } from 'zod';
import { byVersion } from './by-version.ts';
import { type RootPaths, rootPaths, siteLogFolder } from './paths.ts';
import './schema-messages.ts';

/** One service of a server: its driver, its version and the driver's own settings. */
export const serviceContext = z.object({
  /** `http`, `php` and `db`, which every site needs, or one that a driver of its own brings: `cache`. */
  kind: z.string().regex(/^[a-z][a-z0-9-]*$/),
  driver: z.string(),
  version: z.string(),
  /** Validated by the driver's own schema. */
  settings: z.record(z.string(), z.json()),
});
export type ServiceContext = z.infer<typeof serviceContext>;

/** A server with its services, and the rules for its site users. */
export const serverContext = z.object({
  name: z.string(),
  root: z.string(),
  /** Prefix of every handle; the number follows (`aeg12`). */
  handlePrefix: z.string().regex(/^[a-z]{2,8}$/),
  /**
   * The user of site number N has this id plus N; the range is reserved for the program. 0 where the program runs as an
   * ordinary user, who cannot create users: all files then belong to that user.
   */
  uidBase: z.number().int(),
  /**
   * The web server's Unix user and group, which may read public folders and open PHP's sockets. `root` means the
   * program's own.
   */
  webUser: z.string(),
  services: z.array(serviceContext),
});
export type ServerContext = z.infer<typeof serverContext>;

/** A starting point for a new site, offered by its engine. */
export const profile = z.object({ name: z.string(), title: z.string() });
export type Profile = z.infer<typeof profile>;

/** A module, theme or plugin found in a platform or a site; `own` if it is installed in the site itself. */
export const packageInfo = z.object({
  kind: z.enum(['core', 'module', 'theme', 'plugin', 'library', 'profile']),
  name: z.string(),
  title: z.string(),
  version: z.string(),
  own: z.boolean().optional(),
});
export type PackageInfo = z.infer<typeof packageInfo>;

/** A code base of one CMS at one version. */
export const platformContext = z.object({
  name: z.string(),
  /** The folder of the code base, absolute. */
  root: z.string(),
  /** The web server's document root below `root`: '' or a folder such as 'web'. */
  docroot: z.string(),
  /** As passed to `platform add --from`. */
  source: z.string(),
  /** True if the program built the folder itself, and so may change and delete it. */
  managed: z.boolean(),
  engine: z.string(),
  version: z.string(),
  profiles: z.array(profile),
  /** The branch of PHP (`8.4`) that runs its code; '' for the newest of the server. */
  php: z.string().default(''),
});
export type PlatformContext = z.infer<typeof platformContext>;

/** Limits of a site's PHP, used by both pool and vhost. */
export const phpLimits = z.object({
  memoryMb: z.number().int().min(32).max(8192).default(256),
  uploadMb: z.number().int().min(1).max(4096).default(64),
  /** How many requests run in parallel. */
  children: z.number().int().min(1).max(200).default(5),
  /** Longest time of a request, in seconds. */
  timeS: z.number().int().min(5).max(3600).default(60),
});
export type PhpLimits = z.infer<typeof phpLimits>;

/** How a site is served to visitors and whether it sends mail, whatever its CMS. */
export const siteWeb = z.object({
  /** `maintenance` applies while a task changes the site; never stored. */
  serving: z.enum(['open', 'disabled', 'maintenance']).default('open'),
  /** The HTTP status of a disabled site. */
  closedStatus: z.union([z.literal(503), z.literal(404)]).default(503),
  /** The name that others redirect to, which the site uses for itself; '' when each name is served. */
  redirect: z.string().default(''),
  /** The names that redirect there; null for all others. */
  redirected: z.array(z.string()).nullable().default(null),
  /** Asks search engines not to index it. */
  noindex: z.boolean().default(false),
  /** The login required to see it; `hash` as in the web server's password file: `{SSHA}...`. */
  auth: z.object({ user: z.string(), hash: z.string() }).nullable().default(null),
  /** `off`: mail that its PHP passes to sendmail goes into a file of the site instead. */
  mail: z.enum(['on', 'off']).default('on'),
  /** A secret host name by which this machine reaches a site that is closed to visitors; never stored. */
  probe: z.string().default(''),
});
export type SiteWeb = z.infer<typeof siteWeb>;

/** A task that is queued for a site at regular intervals. */
export const siteSchedule = z.object({
  type: z.string(),
  minutes: z.number().int().positive(),
  args: z.record(z.string(), z.json()),
});

/** A site with its platform and server resolved: all that a task needs to know about it. */
export const siteContext = z.object({
  handle: z.string().regex(/^[a-z]{2,8}[1-9][0-9]*$/),
  uid: z.number().int(),
  uri: z.string(),
  aliases: z.array(z.string()),
  title: z.string(),
  profile: z.string(),
  language: z.string(),
  client: z.string(),
  /** ISO 8601 UTC; with the handle it identifies the site, whatever its name is. */
  createdAt: z.string(),
  /** Its scheduled tasks. */
  schedules: z.array(siteSchedule).default([]),
  admin: z.object({ name: z.string(), mail: z.string() }),
  php: phpLimits,
  web: siteWeb,
  release: z.object({ number: z.number().int(), database: z.string() }),
  /** The release that the site can be rolled back to. */
  kept: z
    .object({
      number: z.number().int(),
      database: z.string(),
      platform: platformContext,
      /** The names by which that release's content knows the site. */
      uri: z.string(),
      address: z.string(),
    })
    .nullable()
    .default(null),
  platform: platformContext,
  server: serverContext,
});
export type SiteContext = z.infer<typeof siteContext>;

/** The paths of a server's root. */
export const serverPaths = (server: ServerContext): RootPaths => rootPaths(server.root);

/** `8.4` of version `8.4.21`: what distinguishes services of one kind on a server. */
export const branchOf = ({ version }: Pick<ServiceContext, 'version'>): string =>
  /^\d+\.\d+/.exec(version)?.[0] ?? version;

/** The name of a service: its driver; of PHP the branch (`php8.4`), of which a server may have several. */
export const serviceName = ({ kind, driver, version }: Pick<ServiceContext, 'kind' | 'driver' | 'version'>): string =>
  kind === 'php' && version !== '' ? `php${branchOf({ version })}` : driver;

/** What a service is chosen by: its kind, or its name where there are several of that kind. */
export const serviceId = (
  services: readonly Pick<ServiceContext, 'kind' | 'driver' | 'version'>[],
  service: Pick<ServiceContext, 'kind' | 'driver' | 'version'>,
): string => (services.filter(({ kind }) => kind === service.kind).length > 1 ? serviceName(service) : service.kind);

/** The branches of PHP (`8.4`) that a server has, newest first. */
export const phpBranches = (services: readonly Pick<ServiceContext, 'kind' | 'version'>[]): string[] =>
  services
    .filter(({ kind }) => kind === 'php')
    .map(branchOf)
    .toSorted((one, other) => byVersion(other, one));

/** A server whose services include this one, as the first of its kind: the one that its driver is asked about. */
export const withFirst = (server: ServerContext, service: ServiceContext): ServerContext => ({
  ...server,
  services: [service, ...server.services.filter((other) => other !== service)],
});

/** The server with the PHP of a branch as its first; without that branch, with the newest. */
export function withPhp(server: ServerContext, branch: string): ServerContext {
  const branches = phpBranches(server.services);
  const wanted = branches.includes(branch) ? branch : branches[0];
  const chosen = server.services.find((one) => one.kind === 'php' && branchOf(one) === wanted);
  return chosen && branches.length > 1 ? withFirst(server, chosen) : server;
}

/** A site on another platform, whose PHP may be another. */
export const onPlatform = (site: SiteContext, platform: PlatformContext): SiteContext => ({
  ...site,
  platform,
  server: withPhp(site.server, platform.php),
});

/** The first service of one kind: the one that serves the site or platform at hand. Throws when the server has none. */
export function serviceOf(server: ServerContext, kind: string): ServiceContext {
  const service = server.services.find((candidate) => candidate.kind === kind);
  if (!service) throw new Error(`server ${server.name} has no ${kind} service`);
  return service;
}

/** Where the web server's root of a platform is, absolute. */
export const platformDocroot = (platform: PlatformContext): string => join(platform.root, platform.docroot);

/** Where everything of a site lies; all absolute. See docs/architecture.md for who owns what. */
export interface SitePaths {
  home: string;
  /** Big sets that all releases share. */
  files: string;
  private: string;
  extensions: string;
  /** What belongs to one state of the site. */
  release: string;
  settings: string;
  config: string;
  tmp: string;
  /** A link to the home, for people. */
  byName: string;
  /** `local.*` files for vhost and pool; root's. */
  local: string;
  logs: string;
}

/** The paths of a site's current release. */
export function sitePaths(site: SiteContext): SitePaths {
  const paths = serverPaths(site.server);
  const home = join(paths.sites, site.handle);
  const release = join(home, 'releases', String(site.release.number));
  return {
    home,
    files: join(home, 'data/files'),
    private: join(home, 'data/private'),
    extensions: join(home, 'data/extensions'),
    release,
    settings: join(release, 'settings'),
    config: join(release, 'config'),
    tmp: join(release, 'tmp'),
    byName: join(paths.byName, site.uri),
    local: join(paths.etc, 'sites', site.handle),
    logs: siteLogFolder(paths, site.handle),
  };
}
