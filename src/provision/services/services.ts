import type { ServerContext, ServiceContext, SiteContext } from '../model/context.ts';
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

/** The service drivers of a program, and the choice among them for a server. */
export interface Services {
  readonly drivers: readonly AnyDriver[];
  /** Drivers of one service. Throws `DRIVER_UNKNOWN`. */
  http(server: ServerContext): HttpDriver;
  php(server: ServerContext): PhpDriver;
  db(server: ServerContext): DatabaseDriver;
  of(service: Pick<ServiceContext, 'kind' | 'driver'>): ServiceDriver;
  /** The drivers with configuration files for each site, in the order of reloading: PHP first. */
  forSites(server: ServerContext): SiteServiceDriver[];
  /** Configuration files that belong to no site. */
  serverFiles(server: ServerContext): GeneratedFile[];
  /** The folders that web server and PHP need, parents first. */
  folders(server: ServerContext): ServiceFolder[];
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
    forSites: (server) =>
      server.services
        .toSorted((one, other) => rank(one.kind) - rank(other.kind))
        .map((service) => services.of(service))
        .filter(isForSites),
    serverFiles: (server) => services.forSites(server).flatMap((driver) => driver.serverFiles(server)),
    folders: (server) => services.forSites(server).flatMap((driver) => driver.folders(server)),
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

const isForSites = (driver: ServiceDriver): driver is SiteServiceDriver => 'siteFiles' in driver;

function unknown(kind: string, name: string): never {
  throw new AegirError('DRIVER_UNKNOWN', `no driver ${name} for the ${kind} service`, 'Run: aegir setup');
}
