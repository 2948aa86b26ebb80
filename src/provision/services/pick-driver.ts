import type { ServerContext, ServiceContext } from '../model/context.ts';
import { AegirError } from '../model/errors.ts';

/** The driver of a server for one kind of service. Throws `DRIVER_UNKNOWN`. */
export function pickDriver<D>(known: Record<string, D>, server: ServerContext, kind: ServiceContext['kind']): D {
  const service = server.services.find((candidate) => candidate.kind === kind);
  return known[service?.driver ?? ''] ?? driverUnknown(kind, service?.driver ?? 'none');
}

/** Throws `DRIVER_UNKNOWN`. */
export function driverUnknown(kind: string, name: string): never {
  throw new AegirError('DRIVER_UNKNOWN', `no driver ${name} for the ${kind} service`, 'Run: aegir setup');
}
