import type { Reads } from '../provision/host/host.ts';
import { readsHere } from '../provision/host/local/reads.ts';
import type { RootFiles } from '../worker/open-root.ts';

/**
 * The reads of the server of a root; before setup, those of this machine. The host is loaded at the first read, since
 * the console's first frame does not need it.
 */
export function readsOf(root: () => RootFiles | undefined): Reads {
  let machine: Reads | undefined;
  async function load(): Promise<Reads> {
    const open = root();
    if (!open) return readsHere;
    const { onlyHost } = await import('../worker/local-deps.ts');
    machine ??= onlyHost(open);
    return machine ?? readsHere;
  }
  return {
    readText: async (...given) => (await load()).readText(...given),
    stat: async (path) => (await load()).stat(path),
    list: async (path) => (await load()).list(path),
    look: async (wanted) => (await load()).look(wanted),
    open: (path) => (machine ? machine.open(path) : load().then((loaded) => loaded.open(path))),
  };
}
