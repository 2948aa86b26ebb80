import { basename, dirname, join } from 'node:path';
import { codeTree } from '../../engines/code-tree.ts';
import type { CodeTree, Engine, FoundSettings, FoundSite } from '../../engines/engine.ts';
import type { Host } from '../../host/host.ts';
import { AegirError } from '../../model/errors.ts';
import { generatedNotice } from '../../model/generated-file.ts';

/** Suffix of the folder of an imported site: its own name in the platform is then a link to our site. */
export const ASIDE = '.before-import';

/** A foreign site in a code base: its folder and settings. */
export interface SiteThere extends FoundSite {
  /** '' for the code base itself. */
  name: string;
  text: string;
  /** Statements in the CMS's other settings file. */
  also: string;
}

/**
 * The foreign sites in a code base, including those already moved aside. Links are skipped: they are ours, or
 * duplicates.
 */
export async function sitesThere(host: Host, engine: Engine, docroot: string): Promise<SiteThere[]> {
  const tree = codeTree(host, docroot);
  const found: SiteThere[] = [];
  for (const site of await engine.adoption.sites(tree)) {
    if (site.folder !== '' && (await host.stat(join(docroot, site.folder)))?.kind !== 'folder') continue;
    const text = await tree.read(site.file, 1024 * 1024);
    if (text === undefined || text.includes(generatedNotice)) continue;
    found.push({ ...site, name: basename(plainFolder(site)), text, also: await alsoSaid(engine, tree, site) });
  }
  return found;
}

async function alsoSaid({ adoption: { also } }: Engine, tree: CodeTree, { file }: FoundSite): Promise<string> {
  const text = also && (await tree.read(join(dirname(file), also), 1024 * 1024));
  return !text || text.includes(generatedNotice) ? '' : text;
}

/** Those that can be imported: their settings name a database, and they were not imported yet. */
export async function sitesToTake(host: Host, engine: Engine, docroot: string): Promise<SiteThere[]> {
  const found = await sitesThere(host, engine, docroot);
  return found.filter((site) => !site.folder.endsWith(ASIDE) && namesDatabase(engine, site));
}

/** The command that imports one. */
export function takeCommand(platform: { name: string; root: string }, { name, folder }: SiteThere): string {
  const uri = name.includes('.') ? name : 'URI';
  return `aegir site import ${uri} --platform ${platform.name} --from ${platform.root}${folder ? ` --site ${folder}` : ''}`;
}

/**
 * Selects a site: the one that is named, else the one whose folder has the URI's name, else the only one; undefined if
 * there is none. Throws `ADOPT_UNFIT` with the names of the candidates.
 */
export function chooseSite(
  engine: Engine,
  found: SiteThere[],
  { from, site, uri }: { from: string; site: string; uri: string },
): SiteThere | undefined {
  const named = found.map((one) => plainFolder(one) || '.');
  const there = `Found: ${named.join(', ')}.`;
  if (site !== '') {
    const wanted = site.replace(/\/+$/, '');
    const chosen = found.find((one) => one.name === wanted || (plainFolder(one) || '.') === wanted);
    if (chosen) return chosen;
    throw new AegirError(
      'ADOPT_UNFIT',
      `${from} has no site ${site}`,
      found.length > 0 ? there : 'Check the folder.',
      'site',
    );
  }
  const same = found.find(({ name }) => name === uri);
  if (same) return same;
  const able = found.filter((one) => namesDatabase(engine, one));
  const left = able.length > 0 ? able : found;
  if (left.length <= 1) return left[0];
  const message = `${from} contains ${left.length} sites, and none is named ${uri}`;
  throw new AegirError('ADOPT_UNFIT', message, `${there} Choose one: --site ${plainFolder(left[0]) || '.'}`, 'site');
}

/** The site's folder before it was moved aside. */
const plainFolder = (site: FoundSite | undefined): string => {
  const folder = site?.folder ?? '';
  return folder.endsWith(ASIDE) ? folder.slice(0, -ASIDE.length) : folder;
};

function namesDatabase(engine: Engine, { text }: SiteThere): boolean {
  try {
    return engine.adoption.read(text).database !== undefined;
  } catch {
    // It names a database, and importing it reports what is wrong.
    return true;
  }
}

/** The settings of a site; empty if there are none. */
export const settingsThere = (engine: Engine, site: SiteThere | undefined): FoundSettings =>
  site ? engine.adoption.read(site.text, site.also) : { settings: {} };
