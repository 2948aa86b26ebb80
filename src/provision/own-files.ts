import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Node runs the sources as they are; the bundle keeps all start files in one folder, and some code in chunks below. */
const fromSources = import.meta.url.endsWith('.ts');
const bundle = import.meta.url.includes('/chunks/') ? '../' : './';

/** A program of ours that Node starts, by its place in the sources, such as `front/front`; absolute. */
export const ownProgram = (name: string): string =>
  fileURLToPath(new URL(fromSources ? `../${name}.ts` : `${bundle}${basename(name)}.js`, import.meta.url));

/** A PHP file of the front, absolute. */
export const frontPhpFile = (name: string): string =>
  fileURLToPath(new URL(`${fromSources ? '../' : bundle}front/${name}`, import.meta.url));
