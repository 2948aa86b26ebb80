import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import send from 'send';
import type { FrontSite } from '../provision/services/front-files.ts';
import { type FrontConfig, siteOf } from './config.ts';
import { answerAtGate } from './gate.ts';
import { logAccess, logError } from './logs.ts';
import { factsOf, headersOf, type PhpAnswer, type PhpBackend } from './php-request.ts';
import { type Route, routeOf } from './route.ts';

/** PHP ends a script at the site's limit; the front waits this much longer before it ends the process. */
const GRACE_MS = 5000;
/** How long a refused visitor may continue to send before the connection is closed. */
const LINGER_MS = 5000;
/** The maximum number of waiting and running requests of a site; more are refused. */
const MAX_REQUESTS = 300;

/** PHP in WebAssembly keeps several copies of a body in memory: a body of 60 MB took 974 MB. */
const WASM_BODY_MB = 33;

const defaultTexts: Record<number, string> = {
  400: 'This address is invalid.',
  404: 'This page does not exist.',
  413: 'The request is larger than this site allows.',
  502: 'The site did not answer.',
  503: 'The site is busy or starting. Please try again in a moment.',
  504: 'The site took too long to answer.',
};

const running = new Map<string, number>();

/** How many requests PHP is working on, by handle. */
export const busyNow = (): Record<string, number> => Object.fromEntries([...running].filter(([, count]) => count > 0));

/** Answers one request with the current configuration. Never throws. */
export async function serve(
  config: FrontConfig,
  backend: PhpBackend,
  message: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const found = siteOf(config, message.headers.host);
  if (!found) return sendText(answer, 404, 'No site has this name.');
  const probing = isProbe(found, message);
  const site = probing ? { ...found, params: { ...found.params, AEGIR_PROBE: '1' } } : found;
  const beganMs = Date.now();
  answer.on('close', () => {
    const bytes = Number(answer.getHeader('content-length') ?? 0);
    logAccess(site, message, { status: answer.statusCode, bytes, beganMs });
  });
  // Headers of the CMS override these.
  answer.setHeader('X-Content-Type-Options', 'nosniff');
  answer.setHeader('X-Frame-Options', 'SAMEORIGIN');
  answer.setHeader('Referrer-Policy', 'strict-origin-when-cross-origin');
  if (site.noindex) answer.setHeader('X-Robots-Tag', 'noindex, nofollow');
  if (probing) message.headers.host = `${site.names[0]}:${config.server.port}`;
  else if (answerAtGate(site, message, answer, config.server.port)) return;
  try {
    await follow(await routeOf(site, message.url ?? '/'), { config, backend, site, message, answer });
  } catch (error) {
    logError(site, error instanceof Error ? error.message : String(error));
    sendText(answer, 502);
  }
}

/** True for the program's own requests to a site that visitors do not see yet. */
const isProbe = ({ probe }: FrontSite, { headers }: IncomingMessage): boolean =>
  probe !== '' && (headers.host ?? '').replace(/:\d+$/, '') === probe;

interface Exchange {
  config: FrontConfig;
  backend: PhpBackend;
  site: FrontSite;
  message: IncomingMessage;
  answer: ServerResponse;
}

async function follow(route: Route, exchange: Exchange): Promise<void> {
  const { message, answer } = exchange;
  if (route.kind === 'refused') return sendText(answer, route.status);
  if (route.kind === 'redirect') {
    answer.setHeader('Location', route.to);
    return sendText(answer, 301, '');
  }
  if (route.kind === 'php') return runPhp(route, exchange);
  if (message.method !== 'GET' && message.method !== 'HEAD') return sendText(answer, 404);
  if (route.sandbox) answer.setHeader('Content-Security-Policy', 'sandbox');
  return sendFile(message, answer, route.file);
}

/** The path has been checked and its links resolved. */
function sendFile(message: IncomingMessage, answer: ServerResponse, file: string): Promise<void> {
  return new Promise((resolve) => {
    answer.on('close', resolve);
    send(message, encodeURI(file).replaceAll('?', '%3F').replaceAll('#', '%23'), { dotfiles: 'allow', index: false })
      .on('error', () => sendText(answer, 404))
      .pipe(answer);
  });
}

async function runPhp(route: Extract<Route, { kind: 'php' }>, exchange: Exchange): Promise<void> {
  const { config, backend, site, message, answer } = exchange;
  const pool = config.pools.get(site.handle);
  const count = running.get(site.handle) ?? 0;
  if (!pool || count >= MAX_REQUESTS) return sendText(answer, 503);
  const limit = Math.min(site.bodyMb, config.php.kind === 'wasm' ? WASM_BODY_MB : site.bodyMb) * 1024 * 1024;
  if (Number(message.headers['content-length'] ?? 0) > limit) return sendText(answer, 413);
  running.set(site.handle, count + 1);
  const giveUp = new AbortController();
  const late = setTimeout(() => giveUp.abort('time'), site.timeS * 1000 + GRACE_MS);
  const gone = (): void => giveUp.abort('gone');
  answer.on('close', gone);
  try {
    const body = await bodyOf(message, limit, () => giveUp.abort('large'));
    const facts = factsOf(site, message, route, config.server.port);
    const request = { site, pool, script: route.script, method: message.method ?? 'GET', target: message.url ?? '/' };
    const given = await backend.run({ ...request, facts, headers: headersOf(message), body, signal: giveUp.signal });
    answer.off('close', gone);
    await pass(given, message, answer);
  } catch (error) {
    if (giveUp.signal.reason === 'gone') return;
    const status = giveUp.signal.reason === 'time' ? 504 : giveUp.signal.reason === 'large' ? 413 : 502;
    logError(site, `${message.method} ${message.url}: ${error instanceof Error ? error.message : String(error)}`);
    sendText(answer, status);
  } finally {
    clearTimeout(late);
    running.set(site.handle, (running.get(site.handle) ?? 1) - 1);
  }
}

/**
 * The body for PHP. CGI needs its length first, so a chunked body is read completely; its length is then set as a
 * header.
 */
async function bodyOf(message: IncomingMessage, limit: number, tooLarge: () => void): Promise<Readable> {
  const stream = limited(message, limit, tooLarge);
  if (message.headers['content-length'] !== undefined || message.headers['transfer-encoding'] === undefined)
    return stream;
  const body = await buffer(stream);
  message.headers['content-length'] = String(body.length);
  return Readable.from([body]);
}

/** The body as a stream, aborted if it exceeds the limit without having declared its length. */
function limited(message: IncomingMessage, limit: number, tooLarge: () => void): PassThrough {
  const body = new PassThrough();
  let bytes = 0;
  message.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limit) {
      tooLarge();
      body.destroy(new Error('the body is too large'));
    }
  });
  message.on('aborted', () => body.destroy(new Error('the visitor went away')));
  message.pipe(body);
  return body;
}

/** Headers of a single connection, and one that reveals too much. */
const kept = (name: string): boolean =>
  !['connection', 'keep-alive', 'transfer-encoding', 'x-powered-by', 'x-aegir-memory', 'host'].includes(
    name.toLowerCase(),
  );

async function pass(given: PhpAnswer, message: IncomingMessage, answer: ServerResponse): Promise<void> {
  const byName = new Map<string, string[]>();
  for (const [name, value] of given.headers) {
    if (kept(name)) byName.set(name.toLowerCase(), [...(byName.get(name.toLowerCase()) ?? []), value]);
  }
  answer.statusCode = given.status;
  for (const [name, values] of byName) answer.setHeader(name, name === 'set-cookie' ? values : (values.at(-1) ?? ''));
  if (message.method === 'HEAD') {
    given.body.resume();
    answer.end();
    return;
  }
  await pipeline(given.body, answer).catch(() => answer.destroy());
}

/** Sends a short text page, unless an answer was begun. */
export function sendText(answer: ServerResponse, status: number, text = defaultTexts[status] ?? ''): void {
  if (answer.headersSent) {
    answer.destroy();
    return;
  }
  const body = `${text}\n`;
  answer.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...(status === 503 ? { 'retry-after': '5' } : {}),
  });
  answer.write(body);
  endAfterRequest(answer);
}

/** Ends an answer once the request was received: a visitor who is still sending would not read it otherwise. */
function endAfterRequest(answer: ServerResponse): void {
  const { req } = answer;
  const late = setTimeout(() => answer.end(), LINGER_MS);
  const end = (): void => {
    clearTimeout(late);
    answer.end();
  };
  req.on('end', end).on('close', end).on('error', end);
  if (req.complete) end();
  else req.resume();
}
