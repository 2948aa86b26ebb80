import { readFileSync } from 'node:fs';

/**
 * The text of a file that lies beside an engine: a PHP program or a template. The bundle keeps them beside its
 * start file under the engine's name, the sources beside the engine.
 */
export function engineFile(engine: string, file: string): string {
  const beside = import.meta.url.includes('/chunks/') ? `../${engine}/${file}` : `./${engine}/${file}`;
  return readFileSync(new URL(beside, import.meta.url), 'utf8');
}
