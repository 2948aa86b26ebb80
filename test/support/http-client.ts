import { type IncomingHttpHeaders, request } from 'node:http';

/** What may be said with a request beside its path. */
export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export interface Page {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Asks 127.0.0.1 for a path, unchanged, under a host name. Status 0 when it hangs up without an answer. */
export function ask(port: number, host: string, path: string, { method, headers, body }: Ask = {}): Promise<Page> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: method ?? 'GET',
        headers: { host, ...headers },
        agent: false,
        timeout: 30_000,
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() }),
        );
      },
    );
    asking.on('timeout', () => asking.destroy(new Error(`no answer to ${path}`)));
    asking.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve({ status: 0, headers: {}, body: '' }) : reject(error),
    );
    asking.end(body);
  });
}
