import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FrontSite } from '../provision/services/front-files.ts';
import { RETRY_AFTER_S } from '../provision/services/http/closed-page.ts';
import { isRedirected } from './config.ts';

/** Answers requests that do not reach the site: redirects, a closed site, a missing login. True if it did. */
export function answerAtGate(site: FrontSite, message: IncomingMessage, answer: ServerResponse, port: number): boolean {
  if (isRedirected(site, message.headers.host)) {
    answer.writeHead(301, { location: `http://${site.redirect}:${port}${message.url ?? '/'}` }).end();
    return true;
  }
  if (site.closed) {
    answer
      .writeHead(site.closed.status, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        ...(site.closed.status === 503 ? { 'retry-after': String(RETRY_AFTER_S) } : {}),
      })
      .end(message.method === 'HEAD' ? undefined : site.closed.html);
    return true;
  }
  if (!site.auth || isKnown(site.auth, message.headers.authorization)) return false;
  answer.writeHead(401, { 'www-authenticate': `Basic realm="${site.redirect || site.names[0]}"` }).end();
  return true;
}

/** Compares a password with an `{SSHA}` hash, the common form of web servers (RFC 2307, with salt). */
function isKnown({ user, hash }: { user: string; hash: string }, header: string | undefined): boolean {
  const given = Buffer.from(/^basic (.+)$/i.exec(header ?? '')?.[1] ?? '', 'base64').toString('utf8');
  const at = given.indexOf(':');
  if (at < 0 || given.slice(0, at) !== user) return false;
  const stored = Buffer.from(hash.replace('{SSHA}', ''), 'base64');
  const sum = createHash('sha1')
    .update(given.slice(at + 1))
    .update(stored.subarray(20))
    .digest();
  return stored.length > 20 && timingSafeEqual(sum, stored.subarray(0, 20));
}
