import { join, resolve } from 'node:path';
import type { Host } from '../host/host.ts';
import { AegirError } from '../model/errors.ts';
import { drupal } from './drupal/engine.ts';
import type { CodeTree, Detection, Engine } from './engine.ts';
import { spip } from './spip/engine.ts';
import { wordpress } from './wordpress/engine.ts';

/** Every engine, in the order of detection: the first that recognises a code base wins. */
export const engines: readonly Engine[] = [drupal, wordpress, spip];

/** An engine by its name. Throws `ENGINE_UNKNOWN`. */
export function engineNamed(name: string): Engine {
  const engine = engines.find((candidate) => candidate.name === name);
  if (engine) return engine;
  const known = engines.map((candidate) => candidate.name).join(', ');
  throw new AegirError('ENGINE_UNKNOWN', `there is no engine "${name}"`, `Known engines: ${known}.`);
}

/** The engine that recognises a code base, and what it detected; undefined if none does. */
export async function detectEngine(tree: CodeTree): Promise<{ engine: Engine; detection: Detection } | undefined> {
  for (const engine of engines) {
    const detection = await engine.detect(tree);
    if (detection) return { engine, detection };
  }
  return undefined;
}

const READ_BYTES = 64 * 1024;

/** A folder of a host as a code base: read, never executed. */
export function codeTree(host: Host, root: string): CodeTree {
  return {
    read: (path, maxBytes = READ_BYTES) => host.readText(join(root, path), maxBytes),
    exists: async (path) => (await host.stat(resolve(root, path))) !== undefined,
    list: (path) => host.list(join(root, path)),
  };
}
