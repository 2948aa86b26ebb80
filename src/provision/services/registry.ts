import type { ServerContext, ServiceContext } from '../model/context.ts';
import { mariadb } from './db/mariadb.ts';
import { sqlite } from './db/sqlite.ts';
import { nginx } from './http/nginx.ts';
import { node } from './http/node.ts';
import { fpm } from './php/fpm.ts';
import { phpDrivers } from './php/php-driver.ts';
import { driverUnknown, pickDriver } from './pick-driver.ts';
import type { DatabaseDriver, HttpDriver, ServiceDriver } from './service.ts';

const httpDrivers: Record<string, HttpDriver> = { nginx, node };
const dbDrivers: Record<string, DatabaseDriver> = { mariadb, sqlite };

/**
 * Drivers of services that a distribution installs, which can be detected on a machine. The embedded ones belong to a
 * root folder.
 */
export const drivers: readonly ServiceDriver[] = [nginx, fpm, mariadb];

/** The driver of a server's web server. Throws `DRIVER_UNKNOWN`. */
export const httpDriver = (server: ServerContext): HttpDriver => pickDriver(httpDrivers, server, 'http');

/** The driver of a server's database. Throws `DRIVER_UNKNOWN`. */
export const dbDriver = (server: ServerContext): DatabaseDriver => pickDriver(dbDrivers, server, 'db');

/** The driver of any service. Throws `DRIVER_UNKNOWN`. */
export function driverOf(service: ServiceContext): ServiceDriver {
  const driver = { http: httpDrivers, php: phpDrivers, db: dbDrivers }[service.kind][service.driver];
  return driver ?? driverUnknown(service.kind, service.driver);
}
