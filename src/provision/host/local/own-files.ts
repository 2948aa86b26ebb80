import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFolder } from './build.ts';

/** Node runs the sources as they are; the bundle keeps all start files in one folder, with the PHP files below it. */
const sources = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** A program of ours that Node starts, by its place in the sources, such as `front/front`; absolute. */
export const ownProgram = (name: string): string =>
  bundleFolder ? join(bundleFolder, `${basename(name)}.js`) : join(sources, `${name}.ts`);

/** A PHP file of the front, absolute. */
export const frontPhpFile = (name: string): string => join(bundleFolder ?? sources, 'front', name);

/** The text of a file that lies beside an engine: a PHP program or a template. */
export const engineFile = (engine: string, file: string): string =>
  readFileSync(join(bundleFolder ?? join(sources, 'provision/engines'), engine, file), 'utf8');
