import { existsSync } from 'node:fs';
import { standardProgram } from '../../../../src/provision/standard.ts';
import { findLocalPhp } from '../../../../src/setup/choose-php.ts';
import { startStack } from '../../../support/stack.ts';
import { startTestTrial } from '../../../support/trial.ts';
import { makeSite } from '../real-site.ts';
import type { RunningServer, TriedServer } from './running.ts';

/** The servers on which drivers are tried. A new driver is a line here: `every-driver.test.ts` sees that none is left out. */
export const realServers: TriedServer[] = [
  {
    title: 'the services of the distribution',
    drivers: ['nginx', 'fpm', 'mariadb'],
    limits: 'fixed',
    start: distribution,
  },
];

const local = await findLocalPhp();
const unfit = local === undefined || local.lacks.length > 0 ? 'needs a PHP with SQLite' : undefined;
const noFpm = unfit ?? (local?.fpm && existsSync(local.fpm) ? undefined : 'needs PHP-FPM');

export const trialServers: TriedServer[] = [
  {
    title: 'a trial on PHP-FPM',
    drivers: ['node', 'local', 'sqlite'],
    limits: 'fixed',
    missing: noFpm,
    start: () => trial('local'),
  },
  {
    title: "a trial on PHP's own web server",
    drivers: ['node', 'local'],
    limits: 'changeable',
    missing: unfit,
    start: () => trial('cli'),
  },
  { title: 'a trial on PHP in WebAssembly', drivers: ['wasm'], limits: 'shared', start: () => trial('wasm') },
];

async function distribution(): Promise<RunningServer> {
  const stack = await startStack();
  return {
    ...stack,
    services: standardProgram.services,
    makeSite: (number, uri, changed) => makeSite(stack, number, uri, changed),
  };
}

async function trial(php: 'local' | 'cli' | 'wasm'): Promise<RunningServer> {
  const started = await startTestTrial(php);
  return { ...started, services: standardProgram.services };
}
