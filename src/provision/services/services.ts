import { type ServerContext, type ServiceContext, type SiteContext, withFirst } from '../model/context.ts';
import { AegirError } from '../model/errors.ts';
import type { GeneratedFile } from '../model/generated-file.ts';
import type { Served } from '../model/service-facts.ts';
import { addressOf } from '../model/site-names.ts';
import type {
  AnyDriver,
  DatabaseDriver,
  HttpDriver,
  NeededDrivers,
  PhpDriver,
  ServiceDriver,
  ServiceFolder,
  SiteServiceDriver,
} from './service.ts';

/** A driver, or one that is made with the others at hand. */
export type DriverEntry = AnyDriver | ((services: Services) => AnyDriver);

/** A service with its driver, and the server as that driver is asked about it. */
export interface Placed<D extends ServiceDriver = ServiceDriver> {
  service: ServiceContext;
  driver: D;
  server: ServerContext;
}

/** The service drivers of a program, and the choice among them for a server. */
export interface Services {
  readonly drivers: readonly AnyDriver[];
  /** Drivers of the first service of a kind. Throws `DRIVER_UNKNOWN`. */
  http(server: ServerContext): HttpDriver;
  php(server: ServerContext): PhpDriver;
  db(server: ServerContext): DatabaseDriver;
  of(service: Pick<ServiceContext, 'kind' | 'driver'>): ServiceDriver;
  /** All services of a server. */
  all(server: ServerContext): Placed[];
  /** Those with configuration files for each site, in the order of reloading: PHP first. */
  forSites(server: ServerContext): Placed<SiteServiceDriver>[];
  /** Configuration files that belong to no site. */
  serverFiles(server: ServerContext): GeneratedFile[];
  /** The folders that web server and PHP need, parents first. */
  folders(server: ServerContext): ServiceFolder[];
  /** The Unix socket of a site's PHP; '' without one. */
  socket(site: SiteContext): string;
  /** The URL of a site. */
  url(site: SiteContext): string;
  /** What the services of a site's server say about it. */
  served(site: SiteContext): Served;
}

/** The services of a program with these drivers. */
export function makeServices(entries: readonly DriverEntry[]): Services {
  const drivers: AnyDriver[] = [];
  const services: Services = {
    drivers,
    http: (server) => pick(server, 'http'),
    php: (server) => pick(server, 'php'),
    db: (server) => pick(server, 'db'),
    of: ({ kind, driver }) => find(kind, driver) ?? unknown(kind, driver),
    all: (server) =>
      server.services.map((service) => ({
        service,
        driver: services.of(service),
        server: withFirst(server, service),
      })),
    forSites: (server) =>
      services
        .all(server)
        .toSorted((one, other) => rank(one.service.kind) - rank(other.service.kind))
        .filter(isForSites),
    serverFiles: (server) => services.forSites(server).flatMap(({ driver, server }) => driver.serverFiles(server)),
    folders(server) {
      const folders = services.forSites(server).flatMap(({ driver, server }) => driver.folders(server));
      return [...new Map(folders.map((folder) => [folder.path, folder])).values()];
    },
    socket: (site) =>
      site.server.services.some(({ kind }) => kind === 'php') ? services.php(site.server).socket(site) : '',
    url: (site) => services.http(site.server).url(site.server, addressOf(site)),
    served: (site) => ({
      url: services.url(site),
      network: services.php(site.server).network,
      database: services.db(site.server).access(site),
    }),
  };
  for (const entry of entries) drivers.push(typeof entry === 'function' ? entry(services) : entry);
  return services;

  function find(kind: string, name: string): AnyDriver | undefined {
    return drivers.find((driver) => driver.kind === kind && driver.name === name);
  }

  /** The driver of the first service of a kind. */
  function pick<K extends keyof NeededDrivers>(server: ServerContext, kind: K): NeededDrivers[K] {
    const name = server.services.find((service) => service.kind === kind)?.driver ?? 'none';
    return (find(kind, name) as NeededDrivers[K] | undefined) ?? unknown(kind, name);
  }
}

/** The order of reloading: PHP first, since a vhost must not refer to a missing pool, and the web server last. */
const rank = (kind: string): number => (kind === 'php' ? 0 : kind === 'http' ? 2 : 1);

const isForSites = (placed: Placed): placed is Placed<SiteServiceDriver> => 'siteFiles' in placed.driver;

/** The services that a site uses: the first of each kind. */
export const inUse = <P extends Placed>(placed: P[], { services }: ServerContext): P[] =>
  placed.filter(({ service }) => services.find(({ kind }) => kind === service.kind) === service);

/** What tells a service from the others of a server; several branches of one driver are several services. */
type Identity = { kind: string; driver: string; settings: Readonly<Record<string, unknown>> };

/** True for the same service, perhaps in another version. */
export const sameService = (one: Identity, other: Identity): boolean =>
  one.kind === other.kind && one.driver === other.driver && one.settings.branch === other.settings.branch;

function unknown(kind: string, name: string): never {
  throw new AegirError('DRIVER_UNKNOWN', `no driver ${name} for the ${kind} service`, 'Run: aegir setup');
}
