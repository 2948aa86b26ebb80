import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { headerFacts, type PhpAnswer, type PhpRequest } from './php-request.ts';
import { readHead } from './response-head.ts';

/** Record types of the FastCGI specification 1.0, section 8. */
const BEGIN = 1;
const END = 3;
const PARAMS = 4;
const STDIN = 5;
const STDOUT = 6;
const STDERR = 7;
const MAX_CONTENT = 65_535;

/**
 * Sends a request to a FastCGI responder on a Unix socket. `onError` receives PHP's error stream. Rejects if the
 * responder cannot be reached or ends without an answer.
 */
export function askFastCgi(
  socketPath: string,
  request: PhpRequest,
  onError: (text: string) => void,
): Promise<PhpAnswer> {
  const socket = connect(socketPath);
  const output = new PassThrough();
  const cut = (): void => void socket.destroy(new Error('the request was aborted'));
  request.signal.addEventListener('abort', cut, { once: true });
  socket.on('connect', () => {
    // Role "responder", without the flag that keeps the connection open.
    socket.write(record(BEGIN, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])));
    writeStream(socket, PARAMS, encodePairs({ ...headerFacts(request.headers), ...request.facts }));
    sendBody(socket, request);
  });
  readRecords(socket, (type, content) => {
    if (type === STDOUT) output.write(content);
    else if (type === STDERR) onError(content.toString('utf8'));
    else if (type === END) output.end();
  });
  socket.on('error', (error) => output.destroy(error));
  socket.on('close', () => {
    request.signal.removeEventListener('abort', cut);
    if (!output.writableEnded) output.destroy(new Error('PHP ended without an answer'));
  });
  output.on('close', () => socket.destroy());
  return readHead(output);
}

function sendBody(socket: Socket, { body }: PhpRequest): void {
  body.on('data', (chunk: Buffer) => {
    let room = true;
    for (let at = 0; at < chunk.length; at += MAX_CONTENT) {
      room = socket.write(record(STDIN, chunk.subarray(at, at + MAX_CONTENT)));
    }
    if (room) return;
    body.pause();
    socket.once('drain', () => body.resume());
  });
  body.on('end', () => socket.write(record(STDIN, Buffer.alloc(0))));
  body.on('error', (error) => socket.destroy(error));
}

function writeStream(socket: Socket, type: number, content: Buffer): void {
  for (let at = 0; at < content.length; at += MAX_CONTENT) {
    socket.write(record(type, content.subarray(at, at + MAX_CONTENT)));
  }
  socket.write(record(type, Buffer.alloc(0)));
}

function record(type: number, content: Buffer): Buffer {
  const head = Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 255, 0, 0]);
  return Buffer.concat([head, content]);
}

/** Name-value pairs: lengths below 128 take one byte, others four with the highest bit set (3.4). */
function encodePairs(pairs: Record<string, string>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(pairs)) {
    const [key, text] = [Buffer.from(name), Buffer.from(value)];
    for (const { length } of [key, text]) {
      const long = Buffer.alloc(4);
      long.writeUInt32BE((length | 0x80000000) >>> 0);
      parts.push(length < 128 ? Buffer.from([length]) : long);
    }
    parts.push(key, text);
  }
  return Buffer.concat(parts);
}

function readRecords(socket: Socket, onRecord: (type: number, content: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 8) {
      const length = rest.readUInt16BE(4);
      const whole = 8 + length + (rest[6] ?? 0);
      if (rest.length < whole) return;
      onRecord(rest[1] ?? 0, rest.subarray(8, 8 + length));
      rest = rest.subarray(whole);
    }
  });
}
