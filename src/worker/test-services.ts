import { serviceName } from '../provision/model/context.ts';
import { describeError, type ErrorDocument } from '../provision/model/errors.ts';
import { serverContextOf } from './contexts.ts';
import { hostOf } from './local-deps.ts';
import type { Root } from './open-root.ts';

/** The result of a service's configuration test. */
export interface ServiceTest {
  kind: string;
  driver: string;
  name: string;
  warnings: string[];
  /** The error with which it would not start. */
  refused: ErrorDocument | null;
}

/** Tests the configuration of each service of a server; changes nothing. Throws `OBJECT_GONE`. */
export async function testServices({ inventory, paths, program }: Root, name: string): Promise<ServiceTest[]> {
  const server = serverContextOf(inventory, paths.root, name);
  const host = hostOf(inventory, paths, server);
  return Promise.all(
    program.services.all(server).map(async ({ service, driver, server: its }) => {
      const about = { kind: service.kind, driver: service.driver, name: serviceName(service) };
      try {
        return { ...about, warnings: await driver.test(host, its), refused: null };
      } catch (error) {
        return { ...about, warnings: [], refused: describeError(error) };
      }
    }),
  );
}
