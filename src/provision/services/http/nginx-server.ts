import { join } from 'node:path';
import { type ServerContext, serverPaths } from '../../model/context.ts';
import { generatedNotice } from '../../model/generated-file.ts';
import { address, block, pattern, value } from './nginx-text.ts';
import { hidden, neverServed, scriptDocuments, scripts } from './web-rules.ts';

/** The folder with everything that nginx reads of this program. */
export const nginxFolder = (server: ServerContext): string => join(serverPaths(server).config, 'nginx');

/** The line that includes a part shared by all vhosts. */
export const shared = (server: ServerContext, name: keyof typeof sharedParts): string =>
  `include ${value(join(nginxFolder(server), `${name}.inc`))};`;

/** The files that belong to no site, by name: the parts shared by vhosts, and settings of nginx as a whole. */
export function serverTexts(listen: string[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, lines] of Object.entries(sharedParts)) {
    texts[`${name}.inc`] = text(lines, 'a local.vhost file of a site.');
  }
  texts['server.conf'] = text([...forAll, ...unknownNames(listen)], 'files of your own beside the include line.');
  return texts;
}

const text = (lines: string[], own: string): string => `# ${generatedNotice} ${own}\n${lines.join('\n')}\n`;

/** A location that answers 404, whether or not a file exists there. */
export const notFound = (denied: string): string[] => block(`location ~* ${pattern(denied)}`, ['return 404;']);

/** The FastCGI parameters of a request: RFC 3875 and nginx's own fastcgi.conf, with the changes explained below. */
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
  // Resolved, so that opcache loads the new file after a link was switched.
  DOCUMENT_ROOT: '$realpath_root',
  SCRIPT_FILENAME: '$realpath_root$aegir_script',
  SCRIPT_NAME: '$aegir_script',
  PATH_INFO: '$aegir_info',
  REDIRECT_STATUS: '200',
  // The name that selected this vhost: a full URL in the request line may differ from the Host header.
  HTTP_HOST: '$host$aegir_port',
  // A request's Proxy header must not become PHP's proxy (CVE-2016-5385).
  HTTP_PROXY: '',
};

/**
 * A block with an add_header of its own inherits none, so it includes all of them again. The CMS's own header takes
 * precedence: the variable is then empty, and nginx omits an empty header.
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
  // An uploaded page or drawing must not run scripts with the site's origin.
  public: [
    ...headers,
    'add_header Content-Security-Policy $aegir_upload_policy always;',
    ...notFound(scripts),
    ...denied,
  ],
  php: [
    ...Object.entries(requestFacts).map(([name, fact]) => `fastcgi_param ${name} "${fact}";`),
    'fastcgi_param HTTPS $https if_not_empty;',
    // CMSs send large headers, which must fit into the first buffer.
    'fastcgi_buffer_size 32k;',
    'fastcgi_buffers 16 32k;',
    'fastcgi_hide_header X-Powered-By;',
  ],
};

function fallback(header: string, variable: string, otherwise: string): string[] {
  return block(`map ${header} ${variable}`, [`'' ${otherwise};`, "default '';"]);
}

/** Space for many long names, the log format, and the variables of the shared parts. */
const forAll = [
  'server_names_hash_max_size 65536;',
  'server_names_hash_bucket_size 512;',
  `log_format aegir '$remote_addr - $remote_user [$time_iso8601] "$request" $status $body_bytes_sent '`,
  `                 '"$http_referer" "$http_user_agent" $host $request_time';`,
  ...fallback('$upstream_http_x_content_type_options', '$aegir_content_type_options', 'nosniff'),
  ...fallback('$upstream_http_x_frame_options', '$aegir_frame_options', 'SAMEORIGIN'),
  ...fallback('$upstream_http_referrer_policy', '$aegir_referrer_policy', 'strict-origin-when-cross-origin'),
  // Only documents that run scripts in a browser: a sandboxed PDF is not displayed at all.
  ...block('map $uri $aegir_upload_policy', [`'~*${scriptDocuments}' sandbox;`, "default '';"]),
  ...block('map $http_host $aegir_port', ["'~(?<port>:[0-9]+)$' $port;", "default '';"]),
];

/** A name that belongs to no site gets no content of any site. */
const unknownNames = (listen: string[]): string[] =>
  block('server', [
    ...listen.map((place) => `listen ${address(place)} default_server;`),
    'server_name _;',
    'server_tokens off;',
    'access_log off;',
    'return 444;',
  ]);
