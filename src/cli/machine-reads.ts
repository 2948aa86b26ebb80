import type { Reads } from '../provision/host/host.ts';
import { readsHere } from '../provision/host/local/reads.ts';
import type { RootFiles } from '../worker/open-root.ts';

/**
 * What can be read on the server of a root; before it is set up, on this machine. Its host is loaded when something is
 * read for the first time: a first frame needs nothing of it.
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
