import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFolder } from './build.ts';

/** Node runs the sources as they are; the bundle keeps all start files in one folder, with the PHP files below it. */
const sources = dirname(dirname(fileURLToPath(import.meta.url)));

/** A program of ours that Node starts, by its place in the sources, such as `front/front`; absolute. */
export const ownProgram = (name: string): string =>
  bundleFolder ? join(bundleFolder, `${basename(name)}.js`) : join(sources, `${name}.ts`);

/** A PHP file of the front, absolute. */
export const frontPhpFile = (name: string): string => join(bundleFolder ?? sources, 'front', name);
