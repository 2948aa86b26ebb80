import { join } from 'node:path';
import { type SiteContext, serverPaths, sitePaths } from '../../model/context.ts';
import { generatedNotice } from '../../model/generated-file.ts';
import type { WebFacts } from '../../model/service-facts.ts';
import { privateName, webNames } from '../../model/site-names.ts';
import { type ClosedPage, closedPage, RETRY_AFTER_S } from './closed-page.ts';
import { notFound, shared } from './nginx-server.ts';
import { address, block, hostName, page, parameter, pattern, target, value } from './nginx-text.ts';

/** What one vhost is made from. */
export interface VhostFacts {
  site: SiteContext;
  web: WebFacts;
  /** Addresses and ports: `80`, `[::]:80`, `127.0.0.1:8080`. */
  listen: string[];
  /** As browsers say it: with the port where that is not 80. */
  host: string;
}

/** The vhost of a site. Throws `CONFIG_VALUE` for a value that could end a directive. */
export function siteVhost(facts: VhostFacts): string {
  const closed = closedPage(facts.site);
  const visitors = vhost(facts, closed ? closedParts(facts.site, closed) : openParts(facts));
  return privateName(facts.site) === '' ? visitors : `${visitors}${probeServer(facts)}`;
}

/** The site under a name that this machine alone may use, past its password; to PHP it is that of the site. */
function probeServer({ site, web, listen, host }: VhostFacts): string {
  const open = { ...site, web: { ...site.web, auth: null } };
  const params = { ...web.params, HTTP_HOST: host, AEGIR_PROBE: '1' };
  const lines = block('server', [
    ...listen.map((place) => `listen ${address(place)};`),
    `server_name ${hostName(privateName(site))};`,
    'allow 127.0.0.1;',
    'allow ::1;',
    'deny all;',
    'access_log off;',
    `error_log ${value(join(sitePaths(site).logs, 'error.log'))};`,
    'server_tokens off;',
    'absolute_redirect off;',
    ...openParts({ site: open, web: { ...web, params }, listen, host }),
  ]);
  return `${lines.join('\n')}\n`;
}

function openParts(facts: VhostFacts): string[] {
  const { site, web } = facts;
  return [
    ...docroot(facts),
    ...acmeLocation(site),
    ...authLines(site),
    // Patterns are tried in order, so these go before PHP's.
    shared(site.server, 'denied'),
    ...web.denied.flatMap(notFound),
    ...web.folders.flatMap((folder) => folderLocation(facts, folder)),
    ...web.rewrites.map(({ pattern: from, to }) => `rewrite ${pattern(from)} ${target(to)} last;`),
    ...phpLocations(facts),
    ...frontLocations(web),
  ];
}

/** A page of the web server's own for every address, in which no PHP takes part. */
const closedParts = (site: SiteContext, { status, html }: ClosedPage): string[] => [
  ...acmeLocation(site),
  ...block('location /', [
    'types { }',
    'default_type "text/html; charset=utf-8";',
    shared(site.server, 'headers'),
    ...(status === 503 ? [`add_header Retry-After ${RETRY_AFTER_S} always;`] : []),
    'add_header Cache-Control "no-store" always;',
    `return ${status} ${page(html)};`,
  ]),
];

const authLines = (site: SiteContext): string[] =>
  site.web.auth ? [`auth_basic ${value(site.uri)};`, `auth_basic_user_file ${value(passwordFile(site))};`] : [];

/** Where the names and hashes lie that the web server asks for; it reads the file with each request. */
export const passwordFile = (site: SiteContext): string => join(sitePaths(site).local, 'passwords');

const noindex = (site: SiteContext): string[] =>
  site.web.noindex ? ['add_header X-Robots-Tag "noindex, nofollow" always;'] : [];

/** What a vhost of any kind has: names, addresses, logs, headers, and the lines of people at its end. */
function vhost({ site, listen }: VhostFacts, parts: string[]): string {
  const { local, logs } = sitePaths(site);
  const { served, redirected } = webNames(site);
  const lines = block('server', [
    ...listen.map((place) => `listen ${address(place)};`),
    `server_name ${served.map(hostName).join(' ')};`,
    `access_log ${value(join(logs, 'access.log'))} aegir;`,
    `error_log ${value(join(logs, 'error.log'))};`,
    // Here and not for all: newer Debian's nginx.conf says something else for all, and nginx takes it only once.
    'server_tokens off;',
    // Without the port and scheme that nginx sees: a proxy before it may show others.
    'absolute_redirect off;',
    shared(site.server, 'headers'),
    ...noindex(site),
    ...parts,
    // A pattern, so that the file may be missing.
    `include ${value(join(local, 'local.vhost*.conf'))};`,
  ]);
  const others = redirected.length > 0 ? redirects(site, listen, redirected) : [];
  return `# ${generatedNotice} ${join(local, 'local.vhost.conf')}\n${[...lines, ...others].join('\n')}\n`;
}

/** Names that lead to the chosen one. What proves that they are ours is answered here too. */
const redirects = (site: SiteContext, listen: string[], names: string[]): string[] =>
  block('server', [
    ...listen.map((place) => `listen ${address(place)};`),
    `server_name ${names.map(hostName).join(' ')};`,
    `access_log ${value(join(sitePaths(site).logs, 'access.log'))} aegir;`,
    'server_tokens off;',
    ...acmeLocation(site),
    ...block('location /', [`return 301 $scheme://${hostName(site.web.redirect)}$aegir_port$request_uri;`]),
  ]);

const docroot = ({ site, web }: VhostFacts): string[] => [
  `root ${value(web.docroot)};`,
  // A link is followed only to what its own owner has.
  `disable_symlinks if_not_owner from=${value(web.docroot)};`,
  // Room for a file of the greatest size and the other fields of its form; PHP's post_max_size is the same.
  `client_max_body_size ${site.php.uploadMb + 1}m;`,
];

const acmeLocation = (site: SiteContext): string[] =>
  block('location ^~ /.well-known/acme-challenge/', [
    `root ${value(join(serverPaths(site.server).run, 'acme'))};`,
    'disable_symlinks off;',
    ...(site.web.auth ? ['auth_basic off;'] : []),
    'default_type text/plain;',
    'try_files $uri =404;',
  ]);

/** A public folder outside the document root. `^~` keeps the patterns of the vhost out, PHP's above all. */
function folderLocation({ site, web }: VhostFacts, folder: WebFacts['folders'][number]): string[] {
  const url = folder.url.replace(/\/*$/, '/');
  return block(`location ^~ ${value(url)}`, [
    `alias ${value(`${folder.path}/`)};`,
    `disable_symlinks if_not_owner from=${value(folder.path)};`,
    shared(site.server, 'public'),
    ...noindex(site),
    ...web.denied.flatMap(notFound),
    folder.fallback ? 'try_files $uri @front;' : 'try_files $uri =404;',
  ]);
}

/** The PHP that may run, and 404 for all other: what else ends like PHP is neither run nor shown. */
function phpLocations({ site, web }: VhostFacts): string[] {
  const plain = web.entryPoints.filter((entry) => !entry.pathInfo).map(patternOf);
  const withInfo = web.entryPoints.filter((entry) => entry.pathInfo).map(patternOf);
  const location = (scripts: string[], info: string): string[] =>
    scripts.length === 0
      ? []
      : block(`location ~ ${pattern(`^(?<aegir_script>${scripts.join('|')})${info}$`)}`, passToPhp(site, web));
  return [
    ...location(plain, '(?<aegir_info>)'),
    ...location(withInfo, '(?<aegir_info>/.*)?'),
    ...notFound('\\.(php[0-9]*|phtml|pht|phar|phps)(/|$)'),
  ];
}

/** An entry point as a pattern without anchors, which the whole gets. */
const patternOf = ({ path, pattern: given }: WebFacts['entryPoints'][number]): string =>
  given === undefined
    ? (path ?? '').replaceAll(/[.+*?()[\]{}|^$\\]/g, '\\$&')
    : `(?:${given.replace(/^\^/, '').replace(/(?<!\\)\$$/, '')})`;

const passToPhp = (site: SiteContext, web: WebFacts): string[] => [
  'try_files $aegir_script =404;',
  shared(site.server, 'php'),
  ...Object.entries(web.params).map(([name, fact]) => `fastcgi_param ${parameter(name)} ${value(fact)};`),
  `fastcgi_pass ${value(`unix:${sitePaths(site).socket}`)};`,
  // PHP ends a request itself at its limit (see the pool); the web server waits a little longer.
  `fastcgi_read_timeout ${site.php.timeS + 10}s;`,
];

/** A file, a folder with an index that is an entry point, or the front controller. */
const frontLocations = (web: WebFacts): string[] => [
  ...block('location /', ['index index.php;', 'try_files $uri $uri/ @front;', 'error_page 403 = @front;']),
  ...block('location @front', [`rewrite ^ ${value(web.frontController)} last;`]),
];
