import { join, resolve } from 'node:path';
import type { Host, Look, Looked } from '../host/host.ts';
import type { CodeTree } from './engine.ts';

const READ_BYTES = 64 * 1024;

/**
 * A folder of a host as a code base: read, never executed. What is asked for at the same time is read in one call, so
 * whoever wants many files asks for all of them before waiting for one.
 */
export function codeTree(host: Pick<Host, 'look'>, root: string): CodeTree {
  const look = together(host);
  return {
    read: async (path, maxBytes = READ_BYTES) => (await look({ text: join(root, path), maxBytes })).text,
    exists: async (path) => (await look({ stat: resolve(root, path) })).fact !== undefined,
    list: async (path) => (await look({ list: join(root, path) })).names ?? [],
  };
}

/** Reads in one call; a far host answers with all of them at once. */
const MOST = 500;

interface Asked {
  look: Look;
  resolve(seen: Looked): void;
  reject(error: unknown): void;
}

/** Gathers what is asked for in one turn of the event loop. */
function together(host: Pick<Host, 'look'>): (look: Look) => Promise<Looked> {
  let gathered: Asked[] = [];

  async function ask(batch: readonly Asked[]): Promise<void> {
    try {
      const seen = await host.look(batch.map(({ look }) => look));
      for (const [at, { resolve }] of batch.entries()) resolve(seen[at] ?? {});
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  function askAll(): void {
    const all = gathered;
    gathered = [];
    for (let at = 0; at < all.length; at += MOST) void ask(all.slice(at, at + MOST));
  }

  return (look) =>
    new Promise((resolve, reject) => {
      if (gathered.length === 0) setImmediate(askAll);
      gathered.push({ look, resolve, reject });
    });
}
