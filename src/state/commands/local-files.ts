import { join } from 'node:path';
import type { SiteRow } from '../../db/sites.ts';
import type { Reads } from '../../provision/host/host.ts';
import type { RootPaths } from '../../provision/model/paths.ts';

/** The `local.*` files of a site, by the word in their names: `pool`, `vhost`, `settings`. None that cannot be seen. */
export async function localFileWords(
  machine: Pick<Reads, 'look'>,
  { etc, sites }: RootPaths,
  { handle, release }: SiteRow,
): Promise<string[]> {
  const folders = [join(etc, 'sites', handle), join(sites, handle, 'releases', String(release), 'settings')];
  const seen = await machine.look(folders.map((list) => ({ list }))).catch(() => []);
  return seen.flatMap(({ names = [] }) => names.flatMap((name) => localFileWord(name) ?? []));
}

/** The word in the name of a `local.*` file; undefined for other files. */
export const localFileWord = (path: string): string | undefined => /(?:^|\/)local\.(\w+)\.\w+$/.exec(path)?.[1];
