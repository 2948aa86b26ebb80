import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SiteRow } from '../../db/sites.ts';
import type { RootPaths } from '../../provision/model/paths.ts';

/** The `local.*` files of a site, by the word in their names: `pool`, `vhost`, `settings`. None that cannot be seen. */
export function localFileWords({ etc, sites }: RootPaths, { handle, release }: SiteRow): string[] {
  const folders = [join(etc, 'sites', handle), join(sites, handle, 'releases', String(release), 'settings')];
  return folders.flatMap((folder) => namesIn(folder).flatMap((name) => localFileWord(name) ?? []));
}

/** The word in the name of a `local.*` file; undefined for other files. */
export const localFileWord = (path: string): string | undefined => /(?:^|\/)local\.(\w+)\.\w+$/.exec(path)?.[1];

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
