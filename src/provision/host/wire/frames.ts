import type { Readable, Writable } from 'node:stream';

/*
 * How messages travel: one line of JSON each. A message with bytes says in its field `bytes` how many there are, and
 * they follow its line as they are.
 */

/** A message, and the bytes that follow it. */
export interface Frame {
  message: unknown;
  bytes: Buffer | undefined;
}

/** A line or a piece of bytes that is longer ends the reading: whoever talks does not speak this. */
const LONGEST = 512 * 1024 * 1024;
const NEWLINE = 10;

/** Writes a message. One that cannot be written any more is dropped: the reader's end tells that all is over. */
export function writeFrame(output: Writable, message: object, bytes?: Buffer): void {
  if (output.destroyed || output.writableEnded) return;
  output.cork();
  output.write(`${JSON.stringify(bytes ? { ...message, bytes: bytes.length } : message)}\n`);
  if (bytes && bytes.length > 0) output.write(bytes);
  output.uncork();
}

/**
 * Reads messages until the stream ends, in whatever way; then `ended` is called, once. What is no message ends the stream.
 */
export function readFrames(input: Readable, on: { take(frame: Frame): void; ended(): void }): void {
  let waiting: Buffer[] = [];
  let length = 0;
  /** A message whose bytes are still coming. */
  let open: { message: unknown; bytes: number } | undefined;
  let over = false;

  const end = (): void => {
    if (over) return;
    over = true;
    input.destroy();
    on.ended();
  };

  /** Takes so many bytes off the front of what has come. */
  function cut(count: number): Buffer {
    const whole = waiting.length === 1 ? (waiting[0] as Buffer) : Buffer.concat(waiting);
    const rest = whole.subarray(count);
    waiting = rest.length > 0 ? [rest] : [];
    length = rest.length;
    return whole.subarray(0, count);
  }

  /** Where the first line of what has come ends; -1 while it has no end. */
  function lineEnd(from: number): number {
    let before = 0;
    for (const chunk of waiting) {
      const at = before + chunk.length > from ? chunk.indexOf(NEWLINE, Math.max(0, from - before)) : -1;
      if (at >= 0) return before + at;
      before += chunk.length;
    }
    return -1;
  }

  let searched = 0;
  /** The next whole message that has come; undefined where there is none yet. Throws at what is none. */
  function next(): Frame | undefined {
    if (!open) {
      const at = lineEnd(searched);
      searched = at < 0 ? length : 0;
      if (at < 0 && length > LONGEST) throw new Error('no end of the line');
      if (at < 0) return undefined;
      const message: unknown = JSON.parse(cut(at + 1).toString('utf8'));
      const bytes = (message as { bytes?: unknown } | null)?.bytes;
      if (bytes === undefined) return { message, bytes: undefined };
      open = { message, bytes: sizeOf(bytes) };
    }
    if (length < open.bytes) return undefined;
    const { message, bytes } = open;
    open = undefined;
    return { message, bytes: cut(bytes) };
  }

  function nextOrEnd(): Frame | undefined {
    try {
      return over ? undefined : next();
    } catch {
      end();
      return undefined;
    }
  }

  input.on('data', (chunk: Buffer) => {
    waiting.push(chunk);
    length += chunk.length;
    for (let frame = nextOrEnd(); frame; frame = nextOrEnd()) on.take(frame);
  });
  input.on('error', end);
  input.on('end', end);
  input.on('close', end);
}

function sizeOf(bytes: unknown): number {
  if (typeof bytes === 'number' && Number.isInteger(bytes) && bytes >= 0 && bytes <= LONGEST) return bytes;
  throw new Error('no number of bytes');
}
