import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { oneLine } from '../provision/model/clean-text.ts';
import { AegirError, wholeMessage } from '../provision/model/errors.ts';
import {
  type FrontPhp,
  type FrontPool,
  type FrontServer,
  type FrontSite,
  frontPhp,
  frontPool,
  frontServer,
  frontSite,
} from '../provision/services/front-files.ts';

/** The front's whole configuration. */
export interface FrontConfig {
  server: FrontServer;
  php: FrontPhp;
  sites: FrontSite[];
  /** By handle. */
  pools: Map<string, FrontPool>;
  /** Sites by each of their names, lower case. */
  byName: Map<string, FrontSite>;
}

/** Reads and validates the files of a folder. Throws `CONFIG_REFUSED` for the file at fault. */
export function readConfig(folder: string): FrontConfig {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const all = <S extends z.ZodType>(start: string, schema: S): z.infer<S>[] =>
    files.filter((name) => name.startsWith(start)).map((name) => readPart(join(folder, name), schema));
  const sites = all('site-', frontSite).map((site) => ({
    ...site,
    // Resolved, since links are resolved before a path is compared with these.
    within: site.within.map((path) => (existsSync(path) ? realpathSync(path) : path)),
  }));
  return {
    server: readPart(join(folder, 'server.json'), frontServer),
    php: readPart(join(folder, 'php.json'), frontPhp),
    sites,
    pools: new Map(all('php-', frontPool).map((pool) => [pool.handle, pool])),
    byName: new Map(
      sites.flatMap((site) =>
        [...site.names, ...site.redirected, ...(site.probe ? [site.probe] : [])].map((name) => [name, site] as const),
      ),
    ),
  };
}

/** The site of a Host header: by its exact name, or by the longest matching wildcard, as in nginx. */
export function siteOf({ byName }: FrontConfig, host: string | undefined): FrontSite | undefined {
  return nameOf(byName, host);
}

/** True for a Host header that redirects to another name of the site. */
export const isRedirected = (site: FrontSite, host: string | undefined): boolean =>
  nameOf(
    new Map([
      ...site.names.map((name) => [name, false] as const),
      ...site.redirected.map((name) => [name, true] as const),
    ]),
    host,
  ) ?? false;

function nameOf<T>(byName: Map<string, T>, host: string | undefined): T | undefined {
  const name = (host ?? '')
    .toLowerCase()
    .replace(/:[0-9]*$/, '')
    .replace(/\.$/, '');
  const exact = byName.get(name);
  if (exact !== undefined) return exact;
  const labels = name.split('.');
  for (let from = 1; from < labels.length; from += 1) {
    const found = byName.get(['*', ...labels.slice(from)].join('.'));
    if (found !== undefined) return found;
  }
  return undefined;
}

function readPart<S extends z.ZodType>(file: string, schema: S): z.infer<S> {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = oneLine(wholeMessage(error));
    throw new AegirError('CONFIG_REFUSED', `${file} cannot be read: ${why}`, 'aegir server verify writes it again.');
  }
}
