import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFolder } from '../build.ts';

/**
 * The text of a file that lies beside an engine: a PHP program or a template. The bundle keeps them beside its
 * start file under the engine's name, the sources beside the engine.
 */
export const engineFile = (engine: string, file: string): string =>
  readFileSync(join(bundleFolder ?? dirname(fileURLToPath(import.meta.url)), engine, file), 'utf8');
