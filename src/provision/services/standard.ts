import { mariadb } from './db/mariadb.ts';
import { sqlite } from './db/sqlite.ts';
import { nginx } from './http/nginx.ts';
import { node } from './http/node.ts';
import { fpm } from './php/fpm.ts';
import { local } from './php/local.ts';
import { wasm } from './php/wasm.ts';
import type { DriverEntry } from './services.ts';

/** The service drivers of the program. */
export const standardDrivers: readonly DriverEntry[] = [nginx, fpm, mariadb, node, local, wasm, sqlite];
