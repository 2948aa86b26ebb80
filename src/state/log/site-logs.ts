import { join } from 'node:path';
import type { Reads } from '../../provision/host/host.ts';
import { type RootPaths, siteLogFolder } from '../../provision/model/paths.ts';
import type { SiteLog } from '../model/log.ts';
import { plainLog } from '../model/log.ts';

/** The logs of a site, what went wrong first. None when there are none, or when only root may see them. */
export async function listSiteLogs(
  machine: Pick<Reads, 'list' | 'look'>,
  paths: RootPaths,
  site: { uri: string; handle: string },
): Promise<SiteLog[]> {
  const folder = siteLogFolder(paths, site.handle);
  try {
    const names = (await machine.list(folder)).filter((name) => plainLog.test(name)).sort(errorsFirst);
    const seen = await machine.look(names.map((name) => ({ stat: join(folder, name) })));
    return names.flatMap((file, at) => {
      const fact = seen[at]?.fact;
      if (!fact) return [];
      return [{ uri: site.uri, file, bytes: fact.size, changedAt: new Date(fact.modifiedMs).toISOString() }];
    });
  } catch {
    return [];
  }
}

function errorsFirst(one: string, other: string): number {
  const rank = (name: string): number => (name === 'error.log' ? 0 : 1);
  return rank(one) - rank(other) || (one < other ? -1 : 1);
}

/** Keeps the list of the logs of the site that is looked at. */
export interface SiteLogList {
  /** What is known of a site's logs, which are looked at again; `come` is called when they are others than those. */
  of(site: { uri: string; handle: string }): readonly SiteLog[];
}

const none: readonly SiteLog[] = [];

/** Makes it: the list comes behind the page that shows it. */
export function makeSiteLogList(
  machine: Pick<Reads, 'list' | 'look'>,
  paths: RootPaths,
  come: () => void,
): SiteLogList {
  let known: { handle: string; text: string; logs: readonly SiteLog[] } | undefined;
  let wanted: { uri: string; handle: string } | undefined;
  let asking = false;

  async function ask(site: { uri: string; handle: string }): Promise<void> {
    wanted = site;
    if (asking) return;
    asking = true;
    const logs = await listSiteLogs(machine, paths, site);
    asking = false;
    // The person may be on the page of another one by now.
    if (wanted.handle !== site.handle) return ask(wanted);
    const text = JSON.stringify(logs);
    if (known?.handle === site.handle && known.text === text) return;
    known = { handle: site.handle, text, logs };
    come();
  }

  return {
    of(site) {
      void ask(site);
      return known?.handle === site.handle ? known.logs : none;
    },
  };
}
