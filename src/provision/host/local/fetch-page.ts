import type { PageAnswer, PageRequest } from '../host.ts';

/** How much of a page is read: enough to find a CMS's error message. */
const MAX_BODY = 512 * 1024;

/**
 * Requests a page under a host name, on a new connection. If no answer came within `timeoutMs`, the status is 0 and the
 * body the reason. Follows no redirects. Never throws.
 */
export async function fetchPage({ address, port, host, path, timeoutMs }: PageRequest): Promise<PageAnswer> {
  // Loaded when it is needed: it takes a fifth of the start of a command, most of which ask for no page.
  const { request } = await import('node:http');
  return new Promise((resolve) => {
    const failed = (error: Error): void => {
      const late = error.name === 'AbortError' || error.name === 'TimeoutError';
      const body = late ? `no answer within ${timeoutMs / 1000} seconds` : error.message;
      resolve({ status: 0, body, location: undefined });
    };
    const headers = { host, 'user-agent': 'aegir' };
    const place = address.startsWith('/') ? { socketPath: address } : { host: address, port };
    const options = { ...place, path, agent: false, headers, signal: AbortSignal.timeout(timeoutMs) };
    try {
      const asking = request(options, (answer) => {
        const { statusCode = 0 } = answer;
        const { location } = answer.headers;
        let body = '';
        answer.setEncoding('utf8');
        answer.on('error', failed);
        answer.on('data', (chunk: string) => {
          body += chunk;
          if (body.length < MAX_BODY) return;
          resolve({ status: statusCode, body: body.slice(0, MAX_BODY), location });
          asking.destroy();
        });
        answer.on('end', () => resolve({ status: statusCode, body, location }));
      });
      asking.on('error', failed);
      asking.end();
    } catch (error) {
      // The path or host name is invalid.
      failed(error instanceof Error ? error : new Error(String(error)));
    }
  });
}
