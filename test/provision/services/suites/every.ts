import { describe } from 'vitest';
import type { AnyDriver } from '../../../../src/provision/services/service.ts';
import { standardProgram } from '../../../../src/provision/standard.ts';
import { anyDriver } from './any.ts';
import { databaseDriver } from './db.ts';
import { httpDriver } from './http.ts';
import { phpDriver } from './php.ts';
import { publishedDriver } from './published.ts';
import { type TriedServer, useServer } from './running.ts';
import { siteDriver } from './site-driver.ts';

/** Part of PHP or of a file, so that nobody starts or stops it. */
const alwaysRuns = (name: string): boolean => name === 'sqlite';

/** Runs the suites of the named drivers of a server, which is started once for all of them. */
export function everyDriver(tried: TriedServer): void {
  describe.skipIf(tried.missing !== undefined)(`${tried.title}${tried.missing ? ` (${tried.missing})` : ''}`, () => {
    const on = useServer(tried);
    for (const name of tried.drivers) {
      const driver = standardProgram.services.drivers.find((one) => one.name === name);
      if (!driver) throw new Error(`the program has no driver ${name}`);
      const options = { alwaysRuns: alwaysRuns(name) };
      suiteOf(driver, options);
      anyDriver(on, driver.kind, name, options);
    }

    function suiteOf({ kind, name, ...driver }: AnyDriver, options: { alwaysRuns: boolean }): void {
      if ('siteFiles' in driver) {
        siteDriver(on, kind, name);
        publishedDriver(on, kind, name);
      }
      if (kind === 'http') httpDriver(on, name);
      if (kind === 'php') phpDriver(on, name, tried.limits);
      if (kind === 'db') databaseDriver(on, name, options);
    }
  });
}
