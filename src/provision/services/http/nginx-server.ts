import { join } from 'node:path';
import { type ServerContext, serverPaths } from '../../model/context.ts';
import { generatedNotice } from '../../model/generated-file.ts';
import { address, block, pattern, value } from './nginx-text.ts';
import { hidden, neverServed, scriptDocuments, scripts } from './web-rules.ts';

/** Where everything lies that nginx reads of this program. */
export const nginxFolder = (server: ServerContext): string => join(serverPaths(server).config, 'nginx');

/** The line that takes in a part which all vhosts share. */
export const shared = (server: ServerContext, name: keyof typeof sharedParts): string =>
  `include ${value(join(nginxFolder(server), `${name}.inc`))};`;

/** What does not belong to a site, by file name: the parts that vhosts share, and what holds for nginx as a whole. */
export function serverTexts(listen: string[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, lines] of Object.entries(sharedParts)) {
    texts[`${name}.inc`] = text(lines, 'a local.vhost file of a site.');
  }
  texts['server.conf'] = text([...forAll, ...unknownNames(listen)], 'files of your own beside the include line.');
  return texts;
}

const text = (lines: string[], own: string): string => `# ${generatedNotice} ${own}\n${lines.join('\n')}\n`;

/** One block that answers "not found" whatever lies there. */
export const notFound = (denied: string): string[] => block(`location ~* ${pattern(denied)}`, ['return 404;']);

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

/**
 * An add_header of its own makes a block drop those it would inherit, so it takes all of them in again. What the
 * CMS itself says goes before ours: the variable is empty then, and nginx leaves out an empty header.
 */
const headers = [
  'add_header X-Content-Type-Options $aegir_content_type_options always;',
  'add_header X-Frame-Options $aegir_frame_options always;',
  'add_header Referrer-Policy $aegir_referrer_policy always;',
];

const denied = [hidden, neverServed].flatMap(notFound);

const sharedParts = {
  headers,
  denied,
  // An uploaded page or drawing must not run script in the name of the site.
  public: [
    ...headers,
    'add_header Content-Security-Policy $aegir_upload_policy always;',
    ...notFound(scripts),
    ...denied,
  ],
  php: [
    ...Object.entries(requestFacts).map(([name, fact]) => `fastcgi_param ${name} "${fact}";`),
    'fastcgi_param HTTPS $https if_not_empty;',
    // CMSs send large headers; the first buffer must hold all of them.
    'fastcgi_buffer_size 32k;',
    'fastcgi_buffers 16 32k;',
    'fastcgi_hide_header X-Powered-By;',
  ],
};

function fallback(said: string, variable: string, otherwise: string): string[] {
  return block(`map ${said} ${variable}`, [`'' ${otherwise};`, "default '';"]);
}

/** Room for many long names, the log's format, and the variables of the shared parts. */
const forAll = [
  'server_names_hash_max_size 65536;',
  'server_names_hash_bucket_size 512;',
  `log_format aegir '$remote_addr - $remote_user [$time_iso8601] "$request" $status $body_bytes_sent '`,
  `                 '"$http_referer" "$http_user_agent" $host $request_time';`,
  ...fallback('$upstream_http_x_content_type_options', '$aegir_content_type_options', 'nosniff'),
  ...fallback('$upstream_http_x_frame_options', '$aegir_frame_options', 'SAMEORIGIN'),
  ...fallback('$upstream_http_referrer_policy', '$aegir_referrer_policy', 'strict-origin-when-cross-origin'),
  // Only what a browser would run script from: a PDF in a sandbox is not shown at all.
  ...block('map $uri $aegir_upload_policy', [`'~*${scriptDocuments}' sandbox;`, "default '';"]),
  ...block('map $http_host $aegir_port', ["'~(?<port>:[0-9]+)$' $port;", "default '';"]),
];

/** A name that no site has gets nothing, and nothing of a neighbour's. */
const unknownNames = (listen: string[]): string[] =>
  block('server', [
    ...listen.map((place) => `listen ${address(place)} default_server;`),
    'server_name _;',
    'server_tokens off;',
    'access_log off;',
    'return 444;',
  ]);
