import { writeSync } from 'node:fs';

type Done = (error?: Error | null) => void;

/**
 * Standard output on which all that is written in one turn goes out in one write: Ink writes a frame in three
 * parts, which over SSH are three packets. While the process exits, each write goes out at once. Errors are
 * swallowed: when the line is gone, there is nobody to tell.
 */
export function makeOneWrite(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  let parts: string[] = [];
  let callbacks: Done[] = [];
  let exiting = false;

  function flush(): void {
    if (parts.length === 0 && callbacks.length === 0) return;
    const [text, done] = [parts.join(''), callbacks];
    parts = [];
    callbacks = [];
    stdout.write(text, (error) => {
      for (const callback of done) callback(error);
    });
  }

  process.on('exit', () => {
    exiting = true;
    try {
      if (parts.length > 0) writeSync(1, parts.join(''));
    } catch {
      // The line is gone.
    }
    parts = [];
  });
  stdout.on('error', () => {});

  function write(text: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean {
    const callback = typeof encoding === 'function' ? encoding : done;
    if (exiting) return stdout.write(text, callback);
    if (parts.length === 0 && callbacks.length === 0) queueMicrotask(flush);
    parts.push(typeof text === 'string' ? text : Buffer.from(text).toString());
    if (callback) callbacks.push(callback);
    return !stdout.writableNeedDrain;
  }

  return new Proxy(stdout, {
    get(target, property) {
      if (property === 'write') return write;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
