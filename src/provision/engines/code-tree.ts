import { join, resolve } from 'node:path';
import type { Host } from '../host/host.ts';
import type { CodeTree } from './engine.ts';

const READ_BYTES = 64 * 1024;

/** A folder of a host as a code base: read, never executed. */
export function codeTree(host: Host, root: string): CodeTree {
  return {
    read: (path, maxBytes = READ_BYTES) => host.readText(join(root, path), maxBytes),
    exists: async (path) => (await host.stat(resolve(root, path))) !== undefined,
    list: (path) => host.list(join(root, path)),
  };
}
