import { type SiteContext, sitePaths } from '../../context.ts';
import type { WebFacts } from '../../engines/engine.ts';
import { block, parameter, pattern, value } from './nginx-text.ts';

type EntryPoint = WebFacts['entryPoints'][number];

/** The PHP that may run, and 404 for all other: whatever else ends like PHP is neither run nor shown. */
export function phpLocations(site: SiteContext, web: WebFacts): string[] {
  const plain = web.entryPoints.filter((entry) => !entry.pathInfo).map(patternOf);
  const withInfo = web.entryPoints.filter((entry) => entry.pathInfo).map(patternOf);
  const location = (script: string[], info: string): string[] =>
    script.length === 0
      ? []
      : block(`location ~ ${pattern(`^(?<aegir_script>${script.join('|')})${info}$`)}`, passToPhp(site, web));
  return [
    ...location(plain, '(?<aegir_info>)'),
    ...location(withInfo, '(?<aegir_info>/.*)?'),
    ...block(`location ~* ${pattern('\\.(php[0-9]*|phtml|pht|phar|phps)(/|$)')}`, ['return 404;']),
  ];
}

/** An entry point as a pattern without anchors, which the whole gets. */
const patternOf = ({ path, pattern: given }: EntryPoint): string =>
  given === undefined
    ? (path ?? '').replaceAll(/[.+*?()[\]{}|^$\\]/g, '\\$&')
    : `(?:${given.replace(/^\^/, '').replace(/(?<!\\)\$$/, '')})`;

function passToPhp(site: SiteContext, web: WebFacts): string[] {
  return [
    'try_files $aegir_script =404;',
    ...Object.entries(requestFacts).map(([name, fact]) => `fastcgi_param ${name} "${fact}";`),
    ...Object.entries(web.params).map(([name, fact]) => `fastcgi_param ${parameter(name)} ${value(fact)};`),
    'fastcgi_param HTTPS $https if_not_empty;',
    `fastcgi_pass ${value(`unix:${sitePaths(site).socket}`)};`,
    // PHP ends a request itself at its limit (see the pool); the web server waits a little longer.
    `fastcgi_read_timeout ${site.php.timeS + 10}s;`,
    // CMSs send large headers; the first buffer must hold all of them.
    'fastcgi_buffer_size 32k;',
    'fastcgi_buffers 16 32k;',
    'fastcgi_hide_header X-Powered-By;',
  ];
}

/** What PHP learns of a request: RFC 3875 and nginx's own fastcgi.conf, with the changes said here. */
const requestFacts = {
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
  // The name that chose this vhost: a whole URL in the request line may differ from the Host header.
  HTTP_HOST: '$host$aegir_port',
  // A request's Proxy header must not become PHP's proxy (CVE-2016-5385).
  HTTP_PROXY: '',
};
