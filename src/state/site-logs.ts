import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type RootPaths, siteLogFolder } from '../provision/paths.ts';

/** A plain name, so that none can lead out of the site's folder. */
const plainLog = /^[\w-][\w.-]*\.log$/;

/** A log that the services write for a site. */
export interface SiteLog {
  uri: string;
  file: string;
  bytes: number;
  /** ISO 8601 UTC. */
  changedAt: string;
}

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

/** The name of the page of a log, and back: a URI holds no space. */
export const logPageName = ({ uri, file }: Pick<SiteLog, 'uri' | 'file'>): string => `${uri} ${file}`;

/** Which file of which site a page is about: its name is both, with a blank between. */
export function fileOfPage(name: string): { uri: string; path: string } {
  const space = name.indexOf(' ');
  return { uri: name.slice(0, space), path: name.slice(space + 1) };
}

/** Which log a page is about. */
export function logOfPage(name: string): Pick<SiteLog, 'uri' | 'file'> | undefined {
  const [uri = '', file = ''] = name.split(' ');
  return plainLog.test(file) ? { uri, file } : undefined;
}
