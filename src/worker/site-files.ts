import { basename } from 'node:path';
import type { Inventory } from '../db/inventory.ts';
import { engineNamed } from '../provision/engines/registry.ts';
import type { SiteContext } from '../provision/model/context.ts';
import type { GeneratedFile } from '../provision/model/generated-file.ts';
import { phpDriver } from '../provision/services/php/php-driver.ts';
import { httpDriver } from '../provision/services/registry.ts';
import { settingsOf } from '../provision/tasks/steps/settings.ts';
import { siteContextOf } from './contexts.ts';

type FileKind = 'vhost' | 'pool' | 'settings';

/** A file of a site that people may read. */
export interface SiteFile {
  /** What it is for. */
  what: FileKind | `own ${FileKind}`;
  path: string;
}

/** The files of a site, and what they were made of. */
export interface SiteFiles {
  madeOf: string;
  files: readonly SiteFile[];
}

/**
 * The files that are written for a site, and the `local.*` ones beside them. Those that hold keys alone are left out.
 * Their paths are known once they are made: that is done again only when what they are made of has changed.
 */
export function siteFiles(db: Inventory, root: string, uri: string, known?: SiteFiles): SiteFiles {
  const site = siteContextOf(db, root, uri);
  const madeOf = JSON.stringify(site);
  return known?.madeOf === madeOf ? known : { madeOf, files: filesOf(site) };
}

function filesOf(site: SiteContext): SiteFile[] {
  const engine = engineNamed(site.platform.engine);
  const [web, readable] = [engine.web(site), engine.readable(site)];
  const shown = (what: FileKind, files: GeneratedFile[]): SiteFile[] =>
    files
      // What is written once and never again is a key, or belongs to people.
      .filter(({ path, once, secret }) => !secret && (!once || isLocal(path)))
      .map(({ path }) => ({ what: isLocal(path) ? `own ${what}` : what, path }));
  return [
    ...shown('vhost', httpDriver(site.server).siteFiles(site, web, readable)),
    ...shown('pool', phpDriver(site.server).siteFiles(site, web, readable)),
    ...shown('settings', settingsOf(site)),
  ];
}

const isLocal = (path: string): boolean => basename(path).startsWith('local.');
