import type { PassThrough } from 'node:stream';
import type { PhpAnswer } from './php-request.ts';

const MAX_HEAD = 256 * 1024;

/** Reads the headers of a CGI answer (RFC 3875, 6) and leaves the stream at the body. Rejects if there are none. */
export function readHead(output: PassThrough): Promise<PhpAnswer> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const failed = (error?: Error): void => reject(error ?? new Error('PHP gave no answer'));
    const ended = (): void => failed();
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const found = /\r?\n\r?\n/.exec(head.toString('latin1'));
      if (!found) {
        if (head.length > MAX_HEAD) output.destroy(new Error('the headers of the answer do not end'));
        return;
      }
      output.off('data', read);
      output.off('end', ended);
      output.pause();
      const rest = head.subarray(found.index + found[0].length);
      if (rest.length > 0) output.unshift(rest);
      resolve({ ...parseHead(head.subarray(0, found.index).toString('latin1')), body: output });
    };
    output.on('data', read);
    output.on('end', ended);
    output.on('error', failed);
  });
}

function parseHead(text: string): { status: number; headers: [string, string][] } {
  const headers: [string, string][] = [];
  let status = 200;
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf(':');
    if (at < 1) continue;
    const [name, value] = [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10) || 500;
    else headers.push([name, value]);
  }
  if (status === 200 && headers.some(([name]) => name.toLowerCase() === 'location')) status = 302;
  return { status, headers };
}
