import { generatedNotice } from '../../generated-file.ts';
import { address, block } from './nginx-text.ts';

/**
 * Repeated in every block that adds a header of its own. What the CMS itself says goes before: the variables are
 * empty then, and nginx leaves out an empty header.
 */
export const headersFile = `# ${generatedNotice} a local.vhost file of a site.
add_header X-Content-Type-Options $aegir_content_type_options always;
add_header X-Frame-Options $aegir_frame_options always;
add_header Referrer-Policy $aegir_referrer_policy always;
`;

/** What holds for all sites: room for many long names, the log's format, and nothing for names that no site has. */
export const serverFile = (listen: string[]): string => `# ${generatedNotice} files of your own beside the include line.
server_names_hash_max_size 65536;
server_names_hash_bucket_size 512;
server_tokens off;
log_format aegir '$remote_addr - $remote_user [$time_iso8601] "$request" $status $body_bytes_sent '
                 '"$http_referer" "$http_user_agent" $host $request_time';
${maps.join('\n')}
${unknownNames(listen).join('\n')}
`;

const maps = [
  ...fallback('$upstream_http_x_content_type_options', '$aegir_content_type_options', 'nosniff'),
  ...fallback('$upstream_http_x_frame_options', '$aegir_frame_options', 'SAMEORIGIN'),
  ...fallback('$upstream_http_referrer_policy', '$aegir_referrer_policy', 'strict-origin-when-cross-origin'),
  // Only what a browser would run script from: a PDF in a sandbox is not shown at all.
  ...block('map $uri $aegir_upload_policy', [
    "'~*\\.(svgz?|x?html?|shtml|xht|mht|mhtml|xml|xslt?)$' sandbox;",
    "default '';",
  ]),
  ...block('map $http_host $aegir_port', ["'~(?<port>:[0-9]+)$' $port;", "default '';"]),
];

function fallback(said: string, variable: string, otherwise: string): string[] {
  return block(`map ${said} ${variable}`, [`'' ${otherwise};`, "default '';"]);
}

const unknownNames = (listen: string[]): string[] =>
  block('server', [
    ...listen.map((place) => `listen ${address(place)} default_server;`),
    'server_name _;',
    'access_log off;',
    'return 444;',
  ]);
