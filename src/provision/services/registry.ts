import type { ServerContext, ServiceContext } from '../context.ts';
import { AegirError } from '../errors.ts';
import { mariadb } from './db/mariadb.ts';
import { sqlite } from './db/sqlite.ts';
import { nginx } from './http/nginx.ts';
import { node } from './http/node.ts';
import { fpm } from './php/fpm.ts';
import { local } from './php/local.ts';
import { wasm } from './php/wasm.ts';
import type { DatabaseDriver, HttpDriver, PhpDriver, ServiceDriver } from './service.ts';

const httpDrivers: Record<string, HttpDriver> = { nginx, node };
const phpDrivers: Record<string, PhpDriver> = { fpm, local, wasm };
const dbDrivers: Record<string, DatabaseDriver> = { mariadb, sqlite };

/** Drivers of what a distribution installs, for finding what a machine has. The embedded ones belong to a root. */
export const drivers: readonly ServiceDriver[] = [nginx, fpm, mariadb];

/** The driver of a server's web server. Throws `DRIVER_UNKNOWN`. */
export const httpDriver = (server: ServerContext): HttpDriver => pick(httpDrivers, server, 'http');

/** The driver of a server's PHP. Throws `DRIVER_UNKNOWN`. */
export const phpDriver = (server: ServerContext): PhpDriver => pick(phpDrivers, server, 'php');

/** The driver of a server's database. Throws `DRIVER_UNKNOWN`. */
export const dbDriver = (server: ServerContext): DatabaseDriver => pick(dbDrivers, server, 'db');

/** The driver of any service. Throws `DRIVER_UNKNOWN`. */
export function driverOf(service: ServiceContext): ServiceDriver {
  const driver = { http: httpDrivers, php: phpDrivers, db: dbDrivers }[service.kind][service.driver];
  return driver ?? unknown(service.kind, service.driver);
}

function pick<D>(known: Record<string, D>, server: ServerContext, kind: ServiceContext['kind']): D {
  const service = server.services.find((candidate) => candidate.kind === kind);
  return known[service?.driver ?? ''] ?? unknown(kind, service?.driver ?? 'none');
}

function unknown(kind: string, name: string): never {
  throw new AegirError('DRIVER_UNKNOWN', `no driver ${name} for the ${kind} service`, 'Run: aegir setup');
}
