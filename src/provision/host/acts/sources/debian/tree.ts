import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';

/** Folders of /usr/share that hold no web application. */
const notCode = new Set([
  'doc',
  'man',
  'locale',
  'lintian',
  'bug',
  'php',
  'javascript',
  'nodejs',
  'fonts',
  'applications',
  'pixmaps',
  'icons',
  'mime',
  'doc-base',
]);

/** The application's folder in an unpacked package: the one below /usr/share of the same name, or the one with most files. */
export function applicationFolder(scratch: string, name: string): string | undefined {
  const share = join(scratch, 'usr/share');
  if (!existsSync(share)) return undefined;
  const candidates = readdirSync(share).filter(
    (entry) => !notCode.has(entry) && lstatSync(join(share, entry)).isDirectory(),
  );
  if (candidates.includes(name)) return join('usr/share', name);
  const sizes = candidates.map((entry) => ({ entry, files: countFiles(join(share, entry)) }));
  const largest = sizes.sort((one, other) => other.files - one.files)[0];
  return largest && join('usr/share', largest.entry);
}

/** The paths, absolute as on an installed system, that links below a folder lead to and that are not in the scratch. */
export function missingTargets(scratch: string, folder: string): string[] {
  const missing: string[] = [];
  walk(join(scratch, folder), (path, kind) => {
    if (kind !== 'link') return;
    const target = targetOf(scratch, path);
    if (!existsInside(scratch, target)) missing.push(target);
  });
  return missing;
}

/**
 * Copies a folder of the scratch with every link replaced by what it leads to inside the scratch, never on the
 * machine. Certificates of the machine are the one exception. Links that lead nowhere (to configuration in /etc,
 * to data in /var) are left out. Returns those.
 */
export function copyResolved(scratch: string, folder: string, into: string): string[] {
  const dropped: string[] = [];
  const copy = (from: string, to: string, seen: string[]): void => {
    const fact = lstatSync(from);
    if (fact.isSymbolicLink()) {
      const target = targetOf(scratch, from);
      const real = realInside(scratch, target);
      if (target.startsWith('/etc/ssl/certs/') && existsSync(target)) copyFileSync(target, to);
      else if (real === undefined || seen.includes(real)) dropped.push(from.slice(scratch.length));
      else copy(real, to, [...seen, real]);
    } else if (fact.isDirectory()) {
      mkdirSync(to, { recursive: true });
      for (const name of readdirSync(from)) copy(join(from, name), join(to, name), seen);
    } else if (fact.isFile()) {
      copyFileSync(from, to);
    }
  };
  copy(join(scratch, folder), into, []);
  return dropped;
}

/**
 * Rewrites the fixed paths of Debian's packages in the PHP files of a tree: `/usr/share/php` and the
 * application's own folder become their new places, and what is required by a path relative to Debian's include
 * path gets its whole path. Returns how many files changed.
 */
export function rewritePaths(
  tree: string,
  places: Record<string, string>,
  library: { files: string; place: string },
): number {
  let changed = 0;
  walk(tree, (path, kind) => {
    if (kind !== 'file' || !/\.(php|inc)$/.test(path)) return;
    const text = readFileSync(path, 'latin1');
    const fixed = Object.entries(places).reduce(
      (result, [from, to]) => result.replaceAll(new RegExp(`(['"])${from}(?=[/'"])`, 'g'), `$1${to}`),
      text,
    );
    const found = fixed.replace(
      /\b(require|include)(_once)?(\s*\(?\s*)(['"])([A-Za-z][\w./-]*\.php)\4/g,
      (whole, verb, once = '', gap, quote, file) =>
        existsSync(join(library.files, file)) && !existsSync(join(dirname(path), file))
          ? `${verb}${once}${gap}${quote}${library.place}/${file}${quote}`
          : whole,
    );
    if (found === text) return;
    writeFileSync(path, found, 'latin1');
    changed += 1;
  });
  return changed;
}

/** Calls `visit` for everything below a folder, links not followed. */
export function walk(path: string, visit: (path: string, kind: 'file' | 'folder' | 'link' | 'other') => void): void {
  const fact = lstatSync(path);
  const kind = fact.isSymbolicLink() ? 'link' : fact.isDirectory() ? 'folder' : fact.isFile() ? 'file' : 'other';
  visit(path, kind);
  if (kind === 'folder') for (const name of readdirSync(path)) walk(join(path, name), visit);
}

/** Where a link of the scratch leads on an installed system, absolute. */
function targetOf(scratch: string, link: string): string {
  const here = dirname(link).slice(scratch.length) || '/';
  return normalize(resolve(here, readlinkSync(link)));
}

const existsInside = (scratch: string, path: string): boolean => realInside(scratch, path) !== undefined;

/** The real place in the scratch of a path of the installed system, links on the way resolved inside the scratch. */
function realInside(scratch: string, path: string, hops = 0): string | undefined {
  if (hops > 20) return undefined;
  let real = scratch;
  const parts = path.split('/').filter((part) => part !== '');
  for (const [place, part] of parts.entries()) {
    const next = join(real, part);
    const fact = lstatSync(next, { throwIfNoEntry: false });
    if (!fact) return undefined;
    if (fact.isSymbolicLink())
      return realInside(scratch, join(targetOf(scratch, next), ...parts.slice(place + 1)), hops + 1);
    real = next;
  }
  return real;
}

function countFiles(folder: string): number {
  let count = 0;
  walk(folder, (_path, kind) => {
    if (kind === 'file') count += 1;
  });
  return count;
}
