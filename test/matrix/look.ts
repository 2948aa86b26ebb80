import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { listSites } from '../../src/db/sites.ts';
import { lookAtDatabases } from './look-database.ts';
import { lookAtInventory } from './look-inventory.ts';
import { lookAtProcesses, lookAtUsers } from './look-users.ts';
import { lookAtWeb } from './look-web.ts';
import { type Mask, maskOf } from './mask.ts';
import { MAIN, type World } from './world.ts';

/** All that a world is, fact by fact, found without the code that is tried. Equal worlds have equal looks. */
export type Look = Map<string, string>;

/** Looks at the whole machine of a world: web, users, processes, files, databases, accounts, inventory. */
export async function look(world: World): Promise<Look> {
  const found = new Map<string, string[]>();
  const mask = maskOf(listSites(world.root.inventory), keptNumbers(world), world.stack);
  const tell = (key: string, value: string): void => {
    // No name in it is that of a site, and to mask them all takes longer than the rest of a look.
    const name = key.startsWith('file trees/') ? key : mask.text(key);
    const values = found.get(name);
    if (values) values.push(value);
    else found.set(name, [value]);
  };
  // First, since a page may make files.
  await lookAtWeb(world, mask, tell);
  lookAtUsers(world, mask, tell);
  lookAtProcesses(world, mask, tell);
  lookAtFiles(world, mask, tell);
  await lookAtDatabases(world, mask, tell);
  lookAtInventory(world, mask, tell);
  return new Map([...found].flatMap(([name, values]) => numbered(name, values)));
}

/** Two of a kind, such as two backups, are two; which of them came first says nothing. */
const numbered = (name: string, values: string[]): [string, string][] =>
  values.sort().map((value, place) => [place === 0 ? name : `${name} (${place + 1})`, value]);

const keptNumbers = ({ root }: World): Map<string, number> =>
  new Map(
    root.inventory
      .prepare<[], { handle: string; number: number }>(
        `SELECT handle, number FROM release JOIN site ON site.id = site_id WHERE release.state = 'kept'`,
      )
      .all()
      .map(({ handle, number }) => [handle, number]),
  );

export type Tell = (key: string, value: string) => void;

/** What changes by itself: the services' own files, the queue's, and what a CMS makes again. Only the name counts, or nothing. */
const nothing =
  /^(inventory\.sqlite|worker\.lock|queue\.bell|mariadb\/|run\/(nginx-[a-z_]+\/|.*\.(pid|log)$)|logs\/tasks\/|programs\/.*\.php$)/;
const within =
  /^(sites\/[^/]+\/releases\/[^/]+\/tmp\/|sites\/[^/]+\/data\/(extensions\/upgrade|files\/(local|css|js|php|styles|2026\/11))\/|sites\/[^/]+\/releases\/[^/]+\/config\/\.(htaccess|ok)$|log\/[^/]+\/.)/;
/** Code, which nobody writes to but those who make it whole: names, modes and sizes tell enough. */
const code = /^(trees|platforms)\//;

function lookAtFiles({ stack }: World, mask: Mask, tell: Tell): void {
  // Thousands of files of code: what could be done once for all of them is not done for each.
  const ids = new Map<number, string>();
  const idOf = (id: number): string => {
    const name = ids.get(id) ?? mask.id(id);
    ids.set(id, name);
    return name;
  };
  const walk = (folder: string, below: string): void => {
    for (const name of readdirSync(folder).sort()) {
      const path = `${folder}/${name}`;
      const shown = `${below}${name}`;
      const fact = lstatSync(path);
      const isFolder = fact.isDirectory();
      if (nothing.test(isFolder ? `${shown}/` : shown) || within.test(isFolder ? `${shown}/` : shown)) continue;
      // What a site's user makes is nobody else's (umask 027); a CMS may give more, which no backup keeps.
      const mode = fact.mode & (fact.isFile() && shown.startsWith('sites/') ? 0o7770 : 0o7777);
      const owner = `${idOf(fact.uid)}:${idOf(fact.gid)} ${mode.toString(8)}`;
      if (isFolder) tell(`file ${shown}/`, owner);
      else if (fact.isSymbolicLink()) tell(`file ${shown}`, `-> ${mask.text(readlinkSync(path))}`);
      else if (fact.isFile()) tell(`file ${shown}`, `${owner} ${code.test(shown) ? fact.size : contentOf(path, mask)}`);
      else tell(`file ${shown}`, `${owner} other`);
      if (isFolder) walk(path, `${shown}/`);
    }
  };
  walk(stack.root, '');
}

/**
 * What of a backup differs from one to the next. What the CMS uses is noted when it can say so: a site is saved all the
 * same while its database or its PHP is down.
 */
const measured = /"(bytes|fileBytes|sha256|home)": [^\n]*\n|"packages": \[(\]|\n[\s\S]*?\n {2}\])/g;

/** Of the main site's own files all counts, of those that are made anew all but what is made by chance. */
function contentOf(path: string, mask: Mask): string {
  const bytes = readFileSync(path);
  const sum = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
  if (path.endsWith('.zst')) return 'archive';
  if (bytes.length > 1024 * 1024 || bytes.includes(0)) return sum(bytes);
  const text = mask.text(bytes.toString()).replace(measured, '');
  const fixed = mask.siteOf(path) === MAIN ? text : mask.chance(text);
  return fixed.length < 20_000 ? fixed : sum(fixed);
}
