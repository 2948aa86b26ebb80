import type { ServerContext } from '../../model/context.ts';
import { pickDriver } from '../pick-driver.ts';
import type { PhpDriver } from '../service.ts';
import { fpm } from './fpm.ts';
import { local } from './local.ts';
import { wasm } from './wasm.ts';

export const phpDrivers: Record<string, PhpDriver> = { fpm, local, wasm };

/** The driver of a server's PHP. Throws `DRIVER_UNKNOWN`. */
export const phpDriver = (server: ServerContext): PhpDriver => pickDriver(phpDrivers, server, 'php');
