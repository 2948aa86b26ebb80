import { request as httpRequest } from 'node:http';
import type { PhpAnswer, PhpRequest } from './php-request.ts';

/**
 * Sends a request to a PHP process that speaks HTTP, at a port or a Unix socket. Facts beyond the visitor's own headers
 * go into one header that is never accepted from outside. Rejects if the process cannot be reached or ends without an
 * answer.
 */
export function askHttp(
  place: { port: number } | { socketPath: string },
  request: PhpRequest,
  given: Record<string, unknown>,
): Promise<PhpAnswer> {
  const { method, target, headers, body, signal } = request;
  const document = Buffer.from(JSON.stringify({ ...given, host: headers.host ?? '', facts: request.facts }));
  return new Promise((resolve, reject) => {
    const asking = httpRequest({
      ...place,
      host: '127.0.0.1',
      method,
      path: target,
      headers: { ...headers, 'x-aegir-request': document.toString('base64') },
      agent: false,
      signal,
    });
    asking.on('error', reject);
    asking.on('response', (answer) => {
      const pairs: [string, string][] = [];
      for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2) {
        pairs.push([answer.rawHeaders[at] ?? '', answer.rawHeaders[at + 1] ?? '']);
      }
      resolve({ status: answer.statusCode ?? 502, headers: pairs, body: answer });
    });
    body.on('error', (error) => asking.destroy(error));
    body.pipe(asking);
  });
}
