import { join } from 'node:path';
import { generatedNotice } from '../../generated-file.ts';
import { serverPaths, type SiteContext, sitePaths } from '../../context.ts';
import type { WebFacts } from '../../engines/engine.ts';
import { AegirError } from '../../errors.ts';

/**
 * Files that no CMS means to show and that lie about all the same: dumps, editor's copies, dependency lists.
 * Matched on the last part of the path, without regard to case (the usual Apache recipes miss half of them
 * when they are carried over to nginx, which sees the whole path).
 */
const neverShown =
  '(^|/)([^/]*(~|\\.(bak|orig|save|swp|swo|old|sql|sqlite3?|dump|log|ini|inc|sh|bash|twig|tpl|yml|yaml|lock|dist|po|pem|key)(\\.(gz|bz2|xz|zst|zip))?)|composer\\.(json|lock)|package(-lock)?\\.json|yarn\\.lock|auth\\.json|web\\.config)$';

/** Endings that some interpreter would run; in a folder of uploads they are neither run nor shown. */
const scripts = '\\.(php[0-9]*|phtml|pht|phar|phps|pl|py|cgi|sh|asp|aspx|jsp)$';

/** What one vhost is made from. */
export interface VhostFacts {
  site: SiteContext;
  web: WebFacts;
  /** Addresses and ports: `80`, `[::]:80`, `127.0.0.1:8080`. */
  listen: string[];
}

/** The vhost of an enabled site. Throws `CONFIG_VALUE` for a value that could end a directive. */
export function enabledVhost(facts: VhostFacts): string {
  return server(facts, [
    ...acmeLocation(facts.site),
    ...deniedLocations(facts.web),
    ...facts.web.folders.flatMap((folder) => folderLocation(facts.site, folder)),
    ...facts.web.rewrites.map(({ pattern, to }) => `rewrite ${quoted(pattern)} ${quoted(to)} last;`),
    ...phpLocations(facts),
    ...frontLocation(facts.web),
  ]);
}

function server({ site, web, listen }: VhostFacts, parts: string[]): string {
  const paths = sitePaths(site);
  const lines = [
    ...listen.map((address) => `listen ${plain(address)};`),
    `server_name ${[site.uri, ...site.aliases].map(plain).join(' ')};`,
    `root ${plain(web.docroot)};`,
    `disable_symlinks if_not_owner from=${plain(web.docroot)};`,
    `access_log ${plain(join(paths.logs, 'access.log'))} aegir;`,
    `error_log ${plain(join(paths.logs, 'error.log'))};`,
    `client_max_body_size ${site.php.uploadMb}m;`,
    `include ${plain(headersFile(site))};`,
    ...parts,
    // A pattern, so that the file may be missing.
    `include ${plain(join(paths.local, 'local.vhost*.conf'))};`,
  ];
  return `# ${generatedNotice} ${join(paths.local, 'local.vhost.conf')}\nserver {\n${indent(lines)}\n}\n`;
}

/** Where the headers lie that every block must repeat: an add_header of its own would drop the inherited ones. */
export const headersFile = (site: Pick<SiteContext, 'server'>): string =>
  join(serverPaths(site.server).config, 'nginx/headers.inc');

const acmeLocation = (site: SiteContext): string[] =>
  block('location ^~ /.well-known/acme-challenge/', [
    `root ${plain(join(serverPaths(site.server).run, 'acme'))};`,
    'default_type text/plain;',
    'try_files $uri =404;',
  ]);

function deniedLocations(web: WebFacts): string[] {
  const patterns = ['(^|/)\\.(?!well-known/)', neverShown, ...web.denied];
  return patterns.flatMap((pattern) => block(`location ~* ${quoted(pattern)}`, ['return 404;']));
}

/** A public folder outside the document root. `^~`: no other pattern reaches into it. */
function folderLocation(site: SiteContext, folder: WebFacts['folders'][number]): string[] {
  return block(`location ^~ ${plain(folder.url)}`, [
    `alias ${plain(`${folder.path}/`)};`,
    `disable_symlinks if_not_owner from=${plain(folder.path)};`,
    `include ${plain(headersFile(site))};`,
    // An uploaded page or picture must not run script in the name of the site.
    `add_header Content-Security-Policy "script-src 'none'; object-src 'none'" always;`,
    ...block(`location ~* ${quoted(scripts)}`, ['return 404;']),
    ...block('location ~ "(^|/)\\."', ['return 404;']),
    folder.fallback ? 'try_files $uri @front;' : 'try_files $uri =404;',
  ]);
}

function phpLocations(facts: VhostFacts): string[] {
  const { entryPoints } = facts.web;
  const alone = entryPoints.filter((entry) => !entry.pathInfo).map(patternOf);
  const withInfo = entryPoints.filter((entry) => entry.pathInfo).map(patternOf);
  return [
    ...(alone.length > 0 ? phpLocation(facts, `^(?<aegir_script>${alone.join('|')})(?<aegir_info>)$`) : []),
    ...(withInfo.length > 0 ? phpLocation(facts, `^(?<aegir_script>${withInfo.join('|')})(?<aegir_info>/.*)?$`) : []),
    ...block(`location ~* ${quoted('\\.(php[0-9]*|phtml|pht|phar|phps)(/|$)')}`, ['return 404;']),
  ];
}

const patternOf = (entry: WebFacts['entryPoints'][number]): string =>
  entry.pattern ?? (entry.path ?? '').replaceAll(/[.+*?()[\]{}|^$\\]/g, '\\$&');

function phpLocation({ site, web }: VhostFacts, pattern: string): string[] {
  const params = {
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_SOFTWARE: 'nginx',
    SERVER_PROTOCOL: '$server_protocol',
    SERVER_NAME: '$server_name',
    SERVER_ADDR: '$server_addr',
    SERVER_PORT: '$server_port',
    REMOTE_ADDR: '$remote_addr',
    REMOTE_PORT: '$remote_port',
    REQUEST_METHOD: '$request_method',
    REQUEST_SCHEME: '$scheme',
    REQUEST_URI: '$request_uri',
    QUERY_STRING: '$query_string',
    CONTENT_TYPE: '$content_type',
    CONTENT_LENGTH: '$content_length',
    // Resolved, so that opcache sees the file of now after a link was switched.
    DOCUMENT_ROOT: '$realpath_root',
    SCRIPT_FILENAME: '$realpath_root$aegir_script',
    SCRIPT_NAME: '$aegir_script',
    PATH_INFO: '$aegir_info',
    REDIRECT_STATUS: '200',
    // A request's Proxy header must not become PHP's proxy (httpoxy).
    HTTP_PROXY: '',
  };
  return block(`location ~ ${quoted(pattern)}`, [
    'try_files $aegir_script =404;',
    ...Object.entries(params).map(([name, value]) => `fastcgi_param ${name} "${value}";`),
    ...Object.entries(web.params).map(([name, value]) => `fastcgi_param ${plain(name)} ${quoted(literal(value))};`),
    'fastcgi_param HTTPS $https if_not_empty;',
    `fastcgi_pass unix:${plain(sitePaths(site).socket)};`,
    // PHP ends the request itself at its limit; the web server waits a little longer.
    `fastcgi_read_timeout ${site.php.timeS + 10}s;`,
    'fastcgi_buffer_size 32k;',
    'fastcgi_buffers 16 32k;',
    'fastcgi_hide_header X-Powered-By;',
  ]);
}

/** A file, a folder with an index that is an entry point, or the front controller. */
const frontLocation = (web: WebFacts): string[] => [
  ...block('location /', ['index index.php;', 'try_files $uri $uri/ @front;', 'error_page 403 = @front;']),
  ...block('location @front', [`rewrite ^ ${plain(web.frontController)} last;`]),
];

const block = (head: string, lines: string[]): string[] => [`${head} {`, ...lines.map((line) => `  ${line}`), '}'];

const indent = (lines: string[]): string => lines.map((line) => `  ${line}`).join('\n');

/** A value that stands without quotes: a path, a name, a number. */
function plain(value: string): string {
  if (/^[A-Za-z0-9_./:@*[\]-]+$/.test(value)) return value;
  throw new AegirError('CONFIG_VALUE', `"${value}" cannot stand in a web server's configuration`, 'Use letters, digits, dots, hyphens.');
}

/** A value in which `$` has no meaning for nginx, which cannot escape it. */
function literal(value: string): string {
  if (!value.includes('$')) return value;
  throw new AegirError('CONFIG_VALUE', `"${value}" cannot stand in a web server's configuration`, 'Leave out the dollar sign.');
}

/** A pattern or value in double quotes. */
function quoted(value: string): string {
  if (/["\u0000-\u001f\u007f]/.test(value)) {
    throw new AegirError('CONFIG_VALUE', `"${value}" cannot stand in a web server's configuration`, 'Leave out quotes and controls.');
  }
  return `"${value}"`;
}
