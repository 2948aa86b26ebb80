import { realpath, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { FrontSite } from '../provision/services/front-files.ts';
import { hidden, neverServed, scriptDocuments, scripts } from '../provision/services/http/web-rules.ts';

/** The target of a request. File paths are absolute. */
export type Route =
  | { kind: 'file'; file: string; sandbox: boolean }
  | { kind: 'php'; script: string; scriptName: string; pathInfo: string; query: string }
  | { kind: 'redirect'; to: string }
  | { kind: 'refused'; status: 400 | 404 };

const missing: Route = { kind: 'refused', status: 404 };
const phpLike = /\.(php[0-9]*|phtml|pht|phar|phps)(\/|$)/i;

/**
 * Finds the file or PHP entry point of a request, by the same rules as the vhosts of the other web server driver.
 * `target` is the request's path with its query string, as received.
 */
export async function routeOf(site: FrontSite, target: string): Promise<Route> {
  const [raw = '', ...rest] = target.split('?');
  const path = plainPath(raw);
  if (path === undefined) return { kind: 'refused', status: 400 };
  const query = rest.join('?');
  const folder = longest(site.folders.filter(({ url }) => path.startsWith(url.replace(/\/*$/, '/'))));
  const never = [hidden, neverServed, ...site.denied];
  if (folder) {
    if (matches([scripts, ...never], path)) return missing;
    const file = await fileAt(site, join(folder.path, path.slice(folder.url.replace(/\/*$/, '/').length)));
    if (file?.kind === 'file') return { kind: 'file', file: file.path, sandbox: matches([scriptDocuments], path) };
    return folder.fallback ? frontRoute(site, query) : missing;
  }
  if (matches(never, path)) return missing;
  const rewritten = rewrite(site, path, query);
  return scriptRoute(site, rewritten.path, rewritten.query);
}

/** A decoded path without `.` and `..`; undefined if it is invalid. */
function plainPath(raw: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(raw);
  } catch {
    return undefined;
  }
  if (!path.startsWith('/') || /[\u0000-\u001f\u007f\\]/.test(path)) return undefined;
  if (path.split('/').includes('..')) return undefined;
  return posix.normalize(path);
}

async function scriptRoute(site: FrontSite, path: string, query: string): Promise<Route> {
  for (const entry of site.entryPoints) {
    const name = entry.pattern
      ? `(?:${entry.pattern.replace(/^\^/, '').replace(/(?<!\\)\$$/, '')})`
      : escaped(entry.path ?? '');
    const [, scriptName, pathInfo = ''] = new RegExp(`^(${name})${entry.pathInfo ? '(/.*)?' : '()'}$`).exec(path) ?? [];
    if (scriptName === undefined) continue;
    const file = await fileAt(site, join(site.docroot, scriptName));
    return file?.kind === 'file' ? { kind: 'php', script: file.path, scriptName, pathInfo, query } : missing;
  }
  if (phpLike.test(path)) return missing;
  const found = await fileAt(site, join(site.docroot, path));
  if (found?.kind === 'file' && !path.endsWith('/')) return { kind: 'file', file: found.path, sandbox: false };
  if (found?.kind === 'folder' && path !== '/') return folderRoute(site, path, query);
  return frontRoute(site, query);
}

/** A folder shows its index.php if that is an entry point; otherwise the CMS answers. */
async function folderRoute(site: FrontSite, path: string, query: string): Promise<Route> {
  const index = await scriptRouteOf(site, `${path.replace(/\/$/, '')}/index.php`, query);
  if (!index) return frontRoute(site, query);
  return path.endsWith('/') ? index : { kind: 'redirect', to: `${encodeURI(path)}/${query ? `?${query}` : ''}` };
}

async function scriptRouteOf(site: FrontSite, path: string, query: string): Promise<Route | undefined> {
  if (!(await fileAt(site, join(site.docroot, path)))) return undefined;
  const route = await scriptRoute(site, path, query);
  return route.kind === 'php' ? route : undefined;
}

const frontRoute = (site: FrontSite, query: string): Promise<Route> =>
  scriptRoute({ ...site, entryPoints: [{ path: site.frontController }] }, site.frontController, query);

function rewrite(site: FrontSite, path: string, query: string): { path: string; query: string } {
  for (const { pattern, to } of site.rewrites) {
    const found = new RegExp(pattern).exec(path);
    if (!found) continue;
    const [target = '', added = ''] = to
      .replaceAll(/\$([1-9])/g, (_, group: string) => found[Number(group)] ?? '')
      .split('?');
    return { path: target, query: [added, query].filter((part) => part !== '').join('&') };
  }
  return { path, query };
}

/** What is at a path after resolving links; undefined if it is outside of the site's folders. */
async function fileAt(site: FrontSite, path: string): Promise<{ kind: 'file' | 'folder'; path: string } | undefined> {
  try {
    const real = await realpath(path);
    if (!site.within.some((folder) => real === folder || real.startsWith(`${folder}/`))) return undefined;
    const fact = await stat(real);
    if (fact.isFile()) return { kind: 'file', path: real };
    return fact.isDirectory() ? { kind: 'folder', path: real } : undefined;
  } catch {
    return undefined;
  }
}

const matches = (patterns: string[], path: string): boolean =>
  patterns.some((pattern) => new RegExp(pattern, 'i').test(path));

const longest = <F extends { url: string }>(folders: F[]): F | undefined =>
  folders.toSorted((one, other) => other.url.length - one.url.length)[0];

const escaped = (path: string): string => path.replaceAll(/[.+*?()[\]{}|^$\\]/g, '\\$&');
