import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { loadWasmPhp, wasmIni } from './wasm-php.ts';

/**
 * A process that runs PHP in WebAssembly, one request at a time, over HTTP on a Unix socket. Arguments: socket,
 * packages, branch, prepended file, then the folders that PHP may access. Prints `ready` when it is listening.
 */
const [socket = '', packages = '', branch = '', prepend = '', ...folders] = process.argv.slice(2);
const ini = {
  ...wasmIni,
  auto_prepend_file: prepend,
  memory_limit: '512M',
  upload_max_filesize: '32M',
  post_max_size: '33M',
};
const php = await loadWasmPhp({ packages, branch, folders: [dirname(prepend), ...folders], ini });

let last: Promise<unknown> = Promise.resolve();
const server = createServer((message, answer) => {
  last = last.then(() => serve(message, answer)).catch((error) => answer.destroy(error as Error));
});
rmSync(socket, { force: true });
server.listen(socket, () => process.stdout.write('ready\n'));

async function serve(message: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { facts, host } = JSON.parse(Buffer.from(String(message.headers['x-aegir-request']), 'base64').toString()) as {
    facts: Record<string, string>;
    host: string;
  };
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(
    Object.entries({ ...message.headers, host })
      .filter(([name]) => !name.startsWith('x-aegir-') && name !== 'connection')
      .map(([name, value]) => [name, String(value)]),
  );
  const script = facts.SCRIPT_FILENAME ?? '';
  php.chdir(dirname(script));
  const run = await php.runStream({
    scriptPath: script,
    relativeUri: message.url ?? '/',
    method: message.method ?? 'GET',
    protocol: 'http',
    headers,
    body: chunks.length > 0 ? Buffer.concat(chunks) : undefined,
    $_SERVER: { ...facts, HTTP_HOST: host },
  });
  const given = await run.headers;
  answer.setHeader('x-aegir-memory', String(Math.round(process.memoryUsage.rss() / 1e6)));
  for (const [name, values] of Object.entries(given)) answer.setHeader(name, values);
  answer.statusCode = await run.httpStatusCode;
  const stderr = readAll(run.stderr);
  await pipeline(Readable.fromWeb(run.stdout as never), answer);
  // The next request may begin only after PHP has cleaned up.
  await run.exitCode;
  process.stderr.write(await stderr);
}

/** PHP's stderr. Occasionally a chunk is not bytes, which must not fail the request. */
async function readAll(stream: ReadableStream<Uint8Array | string>): Promise<string> {
  let text = '';
  try {
    for await (const piece of Readable.fromWeb(stream as never)) text += Buffer.from(piece).toString();
  } catch (error) {
    text += `${String(error)}\n`;
  }
  return text;
}
