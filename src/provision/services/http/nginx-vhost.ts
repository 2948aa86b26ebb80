import { join } from 'node:path';
import { type SiteContext, serverPaths, sitePaths } from '../../context.ts';
import type { WebFacts } from '../../engines/engine.ts';
import { generatedNotice } from '../../generated-file.ts';
import { phpLocations } from './nginx-php.ts';
import { address, block, hostName, pattern, target, value } from './nginx-text.ts';

/** What one vhost is made from. */
export interface VhostFacts {
  site: SiteContext;
  web: WebFacts;
  /** Addresses and ports: `80`, `[::]:80`, `127.0.0.1:8080`. */
  listen: string[];
}

/** The vhost of an enabled site. Throws `CONFIG_VALUE` for a value that could end a directive. */
export function enabledVhost(facts: VhostFacts): string {
  const { site, web } = facts;
  return vhost(facts, [
    ...docroot(facts),
    ...acmeLocation(site),
    ...deniedLocations(web),
    ...web.folders.flatMap((folder) => folderLocation(facts, folder)),
    ...web.rewrites.map(({ pattern: from, to }) => `rewrite ${pattern(from)} ${target(to)} last;`),
    ...phpLocations(site, web),
    ...frontLocations(web),
  ]);
}

/** What a vhost of any kind has: names, addresses, logs, headers, and the lines of people at its end. */
function vhost({ site, listen }: VhostFacts, parts: string[]): string {
  const { local, logs } = sitePaths(site);
  const lines = block('server', [
    ...listen.map((place) => `listen ${address(place)};`),
    `server_name ${[site.uri, ...site.aliases].map(hostName).join(' ')};`,
    `access_log ${value(join(logs, 'access.log'))} aegir;`,
    `error_log ${value(join(logs, 'error.log'))};`,
    // Without the port and scheme that nginx sees: a proxy before it may show others.
    'absolute_redirect off;',
    includeHeaders(site),
    ...parts,
    // A pattern, so that the file may be missing.
    `include ${value(join(local, 'local.vhost*.conf'))};`,
  ]);
  return `# ${generatedNotice} ${join(local, 'local.vhost.conf')}\n${lines.join('\n')}\n`;
}

const docroot = ({ site, web }: VhostFacts): string[] => [
  `root ${value(web.docroot)};`,
  `disable_symlinks if_not_owner from=${value(web.docroot)};`,
  // Room for a file of the greatest size and the other fields of its form; PHP's post_max_size is the same.
  `client_max_body_size ${site.php.uploadMb + 1}m;`,
];

/** An add_header of its own would drop the inherited ones, so every block that has one repeats them all. */
const includeHeaders = (site: SiteContext): string =>
  `include ${value(join(serverPaths(site.server).config, 'nginx/headers.inc'))};`;

const acmeLocation = (site: SiteContext): string[] =>
  block('location ^~ /.well-known/acme-challenge/', [
    `root ${value(join(serverPaths(site.server).run, 'acme'))};`,
    'disable_symlinks off;',
    'default_type text/plain;',
    'try_files $uri =404;',
  ]);

/**
 * Files that no CMS means to show and that lie about all the same: dumps, editors' copies, dependency lists,
 * sources. Matched on the last part of the path (nginx sees the whole path where Apache's FilesMatch sees the
 * name, so recipes that are carried over miss half of them).
 */
const neverShown =
  '(^|/)([^/]*(~|\\.(bak|orig|save|swp|swo|old|sql|sqlite3?|dump|log|ini|inc|sh|bash|twig|tpl|yml|yaml|lock|dist|po|pem)(\\.(gz|bz2|xz|zst|zip))?)|composer\\.(json|lock)|package(-lock)?\\.json|yarn\\.lock|auth\\.json|web\\.config)$';

/** Every part of a path that begins with a dot, except the folder of RFC 8615 at the top. */
const hidden = '(?!^/\\.well-known/)/\\.';

const deniedLocations = (web: WebFacts): string[] => [hidden, neverShown, ...web.denied].flatMap(notFound);

const notFound = (denied: string): string[] => block(`location ~* ${pattern(denied)}`, ['return 404;']);

/** Endings that some interpreter would run; in a public folder they are neither run nor shown. */
const scripts = '\\.(php[0-9]*|phtml|pht|phar|phps|pl|py|cgi|sh|asp|aspx|jsp)(/|$)';

/**
 * A public folder outside the document root. `^~` keeps patterns of the vhost out, PHP's above all; those that
 * deny are repeated inside. Whose owner differs from a link's target is not followed.
 */
function folderLocation({ site, web }: VhostFacts, folder: WebFacts['folders'][number]): string[] {
  const url = folder.url.replace(/\/*$/, '/');
  return block(`location ^~ ${value(url)}`, [
    `alias ${value(`${folder.path}/`)};`,
    `disable_symlinks if_not_owner from=${value(folder.path)};`,
    includeHeaders(site),
    // An uploaded page or drawing must not run script in the name of the site; see server.conf.
    'add_header Content-Security-Policy $aegir_upload_policy always;',
    ...[scripts, hidden, neverShown, ...web.denied].flatMap(notFound),
    folder.fallback ? 'try_files $uri @front;' : 'try_files $uri =404;',
  ]);
}

/** A file, a folder with an index that is an entry point, or the front controller. */
const frontLocations = (web: WebFacts): string[] => [
  ...block('location /', ['index index.php;', 'try_files $uri $uri/ @front;', 'error_page 403 = @front;']),
  ...block('location @front', [`rewrite ^ ${value(web.frontController)} last;`]),
];
