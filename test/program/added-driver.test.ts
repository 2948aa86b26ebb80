import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';
import { localHost } from '../../src/provision/host/makers/local.ts';
import { makeServices } from '../../src/provision/services/services.ts';
import { type AnyServer, anyDriver } from '../provision/services/suites/any.ts';
import { siteDriver } from '../provision/services/suites/site-driver.ts';
import { temporaryPolicy } from '../support/policy.ts';
import { pebble } from './cache-driver.ts';

/* A driver that a test has added passes the suites of the program's own. */

let on: AnyServer;
let remove: () => void;

beforeAll(() => {
  const temporary = temporaryPolicy();
  const { policy } = temporary;
  remove = temporary.remove;
  const { handlePrefix, uidBase, webUser, paths } = policy;
  const services = [{ kind: 'cache', driver: 'pebble', version: '1.0', settings: {} }];
  const server = { name: 'server_master', root: paths.root, handlePrefix, uidBase, webUser, services };
  for (const { path } of pebble.folders(server)) mkdirSync(path, { recursive: true });
  on = { server, host: localHost(policy), services: makeServices([pebble]) };
});
afterAll(() => remove());

anyDriver(() => on, 'cache', 'pebble');
siteDriver(() => on, 'cache', 'pebble');
