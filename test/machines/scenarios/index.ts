import type { Scenario } from '../scenario.ts';
import { attacks } from './attacks.ts';
import { readme } from './readme.ts';
import { reinstall } from './reinstall.ts';
import { services } from './services.ts';
import { tests } from './tests.ts';
import { tryOut } from './try.ts';
import { reboot, worker } from './worker.ts';

/** All there are, in the order in which they are tried: what needs a server goes on with the one that the README made. */
export const scenarios: Scenario[] = [readme, reboot, worker, services, reinstall, attacks, tryOut, tests];
