import { basename } from 'node:path';
import type { Inventory } from '../db/inventory.ts';
import { siteFacts } from '../provision/engines/site-config.ts';
import type { SiteContext } from '../provision/model/context.ts';
import type { GeneratedFile } from '../provision/model/generated-file.ts';
import type { Program } from '../provision/program.ts';
import { settingsOf } from '../provision/tasks/steps/settings.ts';
import { siteContextOf } from './contexts.ts';

type FileKind = 'vhost' | 'pool' | 'settings';

/** A file of a site that people may read. */
export interface SiteFile {
  /** Its purpose. */
  what: FileKind | `own ${FileKind}`;
  path: string;
}

/** The files of a site, and the state from which they were computed. */
export interface SiteFiles {
  madeOf: string;
  files: readonly SiteFile[];
}

/**
 * The generated files of a site and its `local.*` files, without files that only contain keys. The paths are known only
 * once the files are generated; this is repeated only if their input has changed.
 */
export function siteFiles(db: Inventory, program: Program, root: string, uri: string, known?: SiteFiles): SiteFiles {
  const site = siteContextOf(db, root, uri);
  const madeOf = JSON.stringify(site);
  return known?.madeOf === madeOf ? known : { madeOf, files: filesOf(program, site) };
}

function filesOf(program: Program, site: SiteContext): SiteFile[] {
  const facts = siteFacts(program, site);
  const shown = (what: FileKind, files: GeneratedFile[]): SiteFile[] =>
    files
      // A file that is written only once is a key, or belongs to people.
      .filter(({ path, once, secret }) => !secret && (!once || isLocal(path)))
      .map(({ path }) => ({ what: isLocal(path) ? `own ${what}` : what, path }));
  return [
    ...shown('vhost', program.services.http(site.server).siteFiles(facts)),
    ...shown('pool', program.services.php(site.server).siteFiles(facts)),
    ...shown('settings', settingsOf(program, site)),
  ];
}

const isLocal = (path: string): boolean => basename(path).startsWith('local.');
