import { expect, it } from 'vitest';
import { standardProgram } from '../../../src/provision/standard.ts';
import { realServers, trialServers } from './suites/servers.ts';

it('every driver of the program is tried by the suites of its kind', () => {
  const tried = new Set([...realServers, ...trialServers].flatMap(({ drivers }) => drivers));
  expect([...tried].sort()).toEqual(standardProgram.services.drivers.map(({ name }) => name).sort());
});
