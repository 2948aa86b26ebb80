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

/** Folders of /usr/share that contain no web application. */
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

/**
 * The application's folder in an unpacked package: the one below /usr/share of the same name, or the one with the most
 * files.
 */
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

/** Targets of links below a folder that are not in the scratch folder; absolute paths as on an installed system. */
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
 * Copies a folder of the scratch folder with every link replaced by its target inside the scratch folder, never one on
 * the machine; the machine's certificates are the one exception. Links without a target (to configuration in /etc, to
 * data in /var) are left out; returns those.
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
 * Rewrites the fixed paths in the PHP files of a Debian package: `/usr/share/php` and the application's own folder
 * become their new places, and paths relative to Debian's include path become absolute. Returns how many files changed.
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

/** Calls `visit` for everything below a folder, without following links. */
export function walk(path: string, visit: (path: string, kind: 'file' | 'folder' | 'link' | 'other') => void): void {
  const fact = lstatSync(path);
  const kind = fact.isSymbolicLink() ? 'link' : fact.isDirectory() ? 'folder' : fact.isFile() ? 'file' : 'other';
  visit(path, kind);
  if (kind === 'folder') for (const name of readdirSync(path)) walk(join(path, name), visit);
}

/** The target of a link of the scratch folder on an installed system, absolute. */
function targetOf(scratch: string, link: string): string {
  const here = dirname(link).slice(scratch.length) || '/';
  return normalize(resolve(here, readlinkSync(link)));
}

const existsInside = (scratch: string, path: string): boolean => realInside(scratch, path) !== undefined;

/**
 * The real place in the scratch folder of a path of the installed system; links are resolved inside the scratch folder.
 */
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
