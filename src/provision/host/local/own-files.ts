import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFolder } from './build.ts';

/** Node runs the sources in place; the bundle has all start files in one folder, with the PHP files below it. */
const sources = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The path of a program of ours that Node runs, by its place in the sources, such as `front/front`. */
export const ownProgram = (name: string): string =>
  bundleFolder ? join(bundleFolder, `${basename(name)}.js`) : join(sources, `${name}.ts`);

/** The path of a PHP file of the front. */
export const frontPhpFile = (name: string): string => join(bundleFolder ?? sources, 'front', name);

/** The text of a file in an engine's folder: a PHP program or a template. */
export const engineFile = (engine: string, file: string): string =>
  readFileSync(join(bundleFolder ?? join(sources, 'provision/engines'), engine, file), 'utf8');
