import { basename, dirname, join } from 'node:path';
import type { CodeTree, Engine, FoundSettings, FoundSite } from '../../engines/engine.ts';
import { codeTree } from '../../engines/registry.ts';
import type { Host } from '../../host/host.ts';
import { AegirError } from '../../model/errors.ts';
import { generatedNotice } from '../../model/generated-file.ts';

/** The end of the name of a folder whose site was taken over: its own name in the platform is a link to ours then. */
export const ASIDE = '.before-import';

/** A site in a code base that is not ours: what its folder is called, and its settings. */
export interface SiteThere extends FoundSite {
  /** '' for the code base itself. */
  name: string;
  text: string;
  /** What its people say in the other file that its CMS has for it. */
  also: string;
}

/** The sites in a code base that are not ours, those that were moved aside included. Links are ours, or other names of one. */
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

/** Those of them that can be taken over: their settings name a database, and nobody has done so yet. */
export async function sitesToTake(host: Host, engine: Engine, docroot: string): Promise<SiteThere[]> {
  const found = await sitesThere(host, engine, docroot);
  return found.filter((site) => !site.folder.endsWith(ASIDE) && namesDatabase(engine, site));
}

/** The command that takes one over. */
export function takeCommand(platform: { name: string; root: string }, { name, folder }: SiteThere): string {
  const uri = name.includes('.') ? name : 'URI';
  return `aegir site import ${uri} --platform ${platform.name} --from ${platform.root}${folder ? ` --site ${folder}` : ''}`;
}

/**
 * The site that is meant: the one that is named, else the one whose folder is called like the URI, else the only
 * one; undefined where there is none. Throws `ADOPT_UNFIT` with the names of those that there are.
 */
export function chooseSite(
  engine: Engine,
  found: SiteThere[],
  { from, site, uri }: { from: string; site: string; uri: string },
): SiteThere | undefined {
  const named = found.map((one) => plainFolder(one) || '.');
  const there = `There is: ${named.join(', ')}.`;
  if (site !== '') {
    const wanted = site.replace(/\/+$/, '');
    const chosen = found.find((one) => one.name === wanted || (plainFolder(one) || '.') === wanted);
    if (chosen) return chosen;
    throw new AegirError(
      'ADOPT_UNFIT',
      `${from} has no site ${site}`,
      found.length > 0 ? there : 'Look at it.',
      'site',
    );
  }
  const same = found.find(({ name }) => name === uri);
  if (same) return same;
  const able = found.filter((one) => namesDatabase(engine, one));
  const left = able.length > 0 ? able : found;
  if (left.length <= 1) return left[0];
  const message = `${from} holds ${left.length} sites, and none is called ${uri}`;
  throw new AegirError('ADOPT_UNFIT', message, `${there} Say which: --site ${plainFolder(left[0]) || '.'}`, 'site');
}

/** Where the folder was before it was moved aside. */
const plainFolder = (site: FoundSite | undefined): string => {
  const folder = site?.folder ?? '';
  return folder.endsWith(ASIDE) ? folder.slice(0, -ASIDE.length) : folder;
};

function namesDatabase(engine: Engine, { text }: SiteThere): boolean {
  try {
    return engine.adoption.read(text).database !== undefined;
  } catch {
    // It names one, and taking it over says what is wrong with that.
    return true;
  }
}

/** What the settings of a site say; nothing where there is none. */
export const settingsThere = (engine: Engine, site: SiteThere | undefined): FoundSettings =>
  site ? engine.adoption.read(site.text, site.also) : { settings: {} };
