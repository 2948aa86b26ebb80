import { fileURLToPath } from 'node:url';

/** Node runs the sources as they are; the bundle keeps all start files in one folder, and some code in chunks below. */
const fromSources = import.meta.url.endsWith('.ts');
const folder = fromSources ? '../front/' : import.meta.url.includes('/chunks/') ? '../' : './';

/** A program of the front that Node starts, such as `front`, absolute. */
export const frontProgram = (name: string): string =>
  fileURLToPath(new URL(`${folder}${name}${fromSources ? '.ts' : '.js'}`, import.meta.url));

/** A PHP file of the front, absolute. */
export const frontPhpFile = (name: string): string =>
  fileURLToPath(new URL(`${folder}${fromSources ? '' : 'front/'}${name}`, import.meta.url));
