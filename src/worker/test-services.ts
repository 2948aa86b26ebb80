import type { Inventory } from '../db/inventory.ts';
import { describeError, type ErrorDocument } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import { driverOf } from '../provision/services/registry.ts';
import { serverContextOf } from './contexts.ts';
import { hostOf } from './local-deps.ts';

/** The result of a service's configuration test. */
export interface ServiceTest {
  kind: string;
  driver: string;
  warnings: string[];
  /** The error with which it would not start. */
  refused: ErrorDocument | null;
}

/** Tests the configuration of each service of a server; changes nothing. Throws `OBJECT_GONE`. */
export async function testServices(db: Inventory, paths: RootPaths, name: string): Promise<ServiceTest[]> {
  const server = serverContextOf(db, paths.root, name);
  const host = hostOf(db, paths, server);
  return Promise.all(
    server.services.map(async (service) => {
      const { kind, driver } = service;
      try {
        return { kind, driver, warnings: await driverOf(service).test(host, server), refused: null };
      } catch (error) {
        return { kind, driver, warnings: [], refused: describeError(error) };
      }
    }),
  );
}
