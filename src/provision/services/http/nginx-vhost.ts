import { join } from 'node:path';
import { type SiteContext, serverPaths, sitePaths } from '../../model/context.ts';
import { generatedNotice } from '../../model/generated-file.ts';
import type { WebFacts } from '../../model/service-facts.ts';
import { privateName, webNames } from '../../model/site-names.ts';
import { type ClosedPage, closedPage, RETRY_AFTER_S } from './closed-page.ts';
import { notFound, shared } from './nginx-server.ts';
import { address, block, hostName, page, parameter, pattern, target, value } from './nginx-text.ts';

/** The input of a vhost. */
export interface VhostFacts {
  site: SiteContext;
  web: WebFacts;
  /** PHP's Unix socket. */
  socket: string;
  /** Addresses and ports: `80`, `[::]:80`, `127.0.0.1:8080`. */
  listen: string[];
  /** As in a browser: with the port unless it is 80. */
  host: string;
}

/** The vhost of a site. Throws `CONFIG_VALUE` for a value that could end a directive. */
export function siteVhost(facts: VhostFacts): string {
  const closed = closedPage(facts.site);
  const visitors = vhost(facts, closed ? closedParts(facts.site, closed) : openParts(facts));
  return privateName(facts.site) === '' ? visitors : `${visitors}${probeServer(facts)}`;
}

/** Serves the site under a secret name to this machine alone, past its password; PHP sees the site's own name. */
function probeServer(facts: VhostFacts): string {
  const { site, web, listen, host } = facts;
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
    ...openParts({ ...facts, site: open, web: { ...web, params } }),
  ]);
  return `${lines.join('\n')}\n`;
}

function openParts(facts: VhostFacts): string[] {
  const { site, web } = facts;
  return [
    ...docroot(facts),
    ...acmeLocation(site),
    ...authLines(site),
    // Patterns are tried in order, so these come before PHP's.
    shared(site.server, 'denied'),
    ...web.denied.flatMap(notFound),
    ...web.folders.flatMap((folder) => folderLocation(facts, folder)),
    ...web.rewrites.map(({ pattern: from, to }) => `rewrite ${pattern(from)} ${target(to)} last;`),
    ...phpLocations(facts),
    ...frontLocations(web),
  ];
}

/** A static page for every address, without PHP. */
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

/** The password file of the web server, which reads it on each request. */
export const passwordFile = (site: SiteContext): string => join(sitePaths(site).local, 'passwords');

const noindex = (site: SiteContext): string[] =>
  site.web.noindex ? ['add_header X-Robots-Tag "noindex, nofollow" always;'] : [];

/** The common parts of every vhost: names, addresses, logs, headers, and people's own lines at its end. */
function vhost({ site, listen }: VhostFacts, parts: string[]): string {
  const { local, logs } = sitePaths(site);
  const { served, redirected } = webNames(site);
  const lines = block('server', [
    ...listen.map((place) => `listen ${address(place)};`),
    `server_name ${served.map(hostName).join(' ')};`,
    `access_log ${value(join(logs, 'access.log'))} aegir;`,
    `error_log ${value(join(logs, 'error.log'))};`,
    // Here and not globally: newer Debian's nginx.conf has a global setting of its own, and nginx allows it only once.
    'server_tokens off;',
    // Redirects leave out port and scheme: those that nginx sees may differ behind a reverse proxy.
    'absolute_redirect off;',
    shared(site.server, 'headers'),
    ...noindex(site),
    ...parts,
    // A pattern, since the file may be missing.
    `include ${value(join(local, 'local.vhost*.conf'))};`,
  ]);
  const others = redirected.length > 0 ? redirects(site, listen, redirected) : [];
  return `# ${generatedNotice} ${join(local, 'local.vhost.conf')}\n${[...lines, ...others].join('\n')}\n`;
}

/** Names that redirect to the site's own. Certificate challenges are answered here too. */
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
  // Links are followed only if link and target have the same owner.
  `disable_symlinks if_not_owner from=${value(web.docroot)};`,
  // Room for an upload of the maximum size and the other form fields; equal to PHP's post_max_size.
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

/** A public folder outside of the document root. `^~` keeps the vhost's patterns away, above all PHP's. */
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

/** The PHP files that may run; any other path that looks like PHP answers 404, and its source is not shown. */
function phpLocations(facts: VhostFacts): string[] {
  const { web } = facts;
  const plain = web.entryPoints.filter((entry) => !entry.pathInfo).map(patternOf);
  const withInfo = web.entryPoints.filter((entry) => entry.pathInfo).map(patternOf);
  const location = (scripts: string[], info: string): string[] =>
    scripts.length === 0
      ? []
      : block(`location ~ ${pattern(`^(?<aegir_script>${scripts.join('|')})${info}$`)}`, passToPhp(facts));
  return [
    ...location(plain, '(?<aegir_info>)'),
    ...location(withInfo, '(?<aegir_info>/.*)?'),
    ...notFound('\\.(php[0-9]*|phtml|pht|phar|phps)(/|$)'),
  ];
}

/** An entry point as a pattern without anchors, which are added around the whole. */
const patternOf = ({ path, pattern: given }: WebFacts['entryPoints'][number]): string =>
  given === undefined
    ? (path ?? '').replaceAll(/[.+*?()[\]{}|^$\\]/g, '\\$&')
    : `(?:${given.replace(/^\^/, '').replace(/(?<!\\)\$$/, '')})`;

const passToPhp = ({ site, web, socket }: VhostFacts): string[] => [
  'try_files $aegir_script =404;',
  shared(site.server, 'php'),
  ...Object.entries(web.params).map(([name, fact]) => `fastcgi_param ${parameter(name)} ${value(fact)};`),
  `fastcgi_pass ${value(`unix:${socket}`)};`,
  // PHP ends a request at its limit (see the pool); the web server waits a little longer.
  `fastcgi_read_timeout ${site.php.timeS + 10}s;`,
];

/** Serves a file, a folder whose index is an entry point, or else the front controller. */
const frontLocations = (web: WebFacts): string[] => [
  ...block('location /', ['index index.php;', 'try_files $uri $uri/ @front;', 'error_page 403 = @front;']),
  ...block('location @front', [`rewrite ^ ${value(web.frontController)} last;`]),
];
