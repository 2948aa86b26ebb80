import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { FrontPool, FrontSite } from '../provision/services/front-files.ts';
import type { Route } from './route.ts';

/** One request for PHP. */
export interface PhpRequest {
  site: FrontSite;
  pool: FrontPool;
  /** The entry point, absolute. */
  script: string;
  method: string;
  /** Path and query as received. */
  target: string;
  /** Variables of $_SERVER beyond the headers. */
  facts: Record<string, string>;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Readable;
  /** Aborted when the visitor has gone, or at the request's time limit. */
  signal: AbortSignal;
}

/** PHP's answer. The body may still be arriving. */
export interface PhpAnswer {
  status: number;
  headers: [string, string][];
  body: Readable;
}

/** A way to run PHP. */
export interface PhpBackend {
  run(request: PhpRequest): Promise<PhpAnswer>;
  /** Applies changed settings of sites; ends processes that are no longer needed. */
  reload(pools: Map<string, FrontPool>): Promise<void>;
  state(): { running: number; restarts: number };
  /** Ends all of it. */
  end(): Promise<void>;
}

/** Headers of a single connection (RFC 9110, 7.6.1), and one that would become PHP's proxy (CVE-2016-5385). */
const dropped = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy',
  'expect',
]);

/** The headers of a request that PHP may see; our own are never accepted from outside. */
export function headersOf(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value === undefined || dropped.has(name) || name.startsWith('x-aegir-') || name.includes('_')) continue;
    headers[name] = Array.isArray(value) ? value.join(name === 'cookie' ? '; ' : ', ') : value;
  }
  return headers;
}

/** CGI's meta-variables (RFC 3875, 4.1), and the engine's parameters for PHP. */
export function factsOf(
  site: FrontSite,
  message: IncomingMessage,
  route: Extract<Route, { kind: 'php' }>,
  port: number,
): Record<string, string> {
  const host = message.headers.host ?? '';
  return {
    GATEWAY_INTERFACE: 'CGI/1.1',
    // CMSs adapt to the web server's handling of headers and addresses, which is the same as nginx's.
    SERVER_SOFTWARE: 'nginx (aegir)',
    SERVER_PROTOCOL: `HTTP/${message.httpVersion}`,
    SERVER_NAME: site.names[0] ?? '',
    SERVER_ADDR: message.socket.localAddress ?? '127.0.0.1',
    SERVER_PORT: /:([0-9]+)$/.exec(host)?.[1] ?? String(port),
    REMOTE_ADDR: message.socket.remoteAddress ?? '127.0.0.1',
    REMOTE_PORT: String(message.socket.remotePort ?? 0),
    REQUEST_METHOD: message.method ?? 'GET',
    REQUEST_SCHEME: 'http',
    REQUEST_URI: message.url ?? '/',
    QUERY_STRING: route.query,
    CONTENT_TYPE: message.headers['content-type'] ?? '',
    CONTENT_LENGTH: message.headers['content-length'] ?? '',
    DOCUMENT_ROOT: site.docroot,
    SCRIPT_FILENAME: route.script,
    SCRIPT_NAME: route.scriptName,
    PHP_SELF: `${route.scriptName}${route.pathInfo}`,
    PATH_INFO: route.pathInfo,
    REDIRECT_STATUS: '200',
    ...site.params,
  };
}

/** The same headers as CGI names them: `HTTP_USER_AGENT`. */
export const headerFacts = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== 'content-type' && name !== 'content-length')
      .map(([name, value]) => [`HTTP_${name.toUpperCase().replaceAll('-', '_')}`, value]),
  );
