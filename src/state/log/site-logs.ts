import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type RootPaths, siteLogFolder } from '../../provision/model/paths.ts';
import type { SiteLog } from '../model/log.ts';
import { plainLog } from '../model/log.ts';

/** The logs of a site, what went wrong first. None when there are none, or when only root may see them. */
export function listSiteLogs(paths: RootPaths, site: { uri: string; handle: string }): SiteLog[] {
  const folder = siteLogFolder(paths, site.handle);
  return namesIn(folder).flatMap((file) => {
    const fact = statSync(join(folder, file), { throwIfNoEntry: false });
    return fact ? [{ uri: site.uri, file, bytes: fact.size, changedAt: fact.mtime.toISOString() }] : [];
  });
}

function namesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => plainLog.test(name));
    return names.sort((one, other) => errorsFirst(one) - errorsFirst(other) || (one < other ? -1 : 1));
  } catch {
    return [];
  }
}

const errorsFirst = (name: string): number => (name === 'error.log' ? 0 : 1);
