import { readSync } from 'node:fs';

/** Reads up to `length` bytes of a file from `at` on; fewer where the file ends before. They are a part of `into`. */
export function readBytes(file: number, at: number, length: number, into = Buffer.allocUnsafe(length)): Buffer {
  let done = 0;
  while (done < length) {
    const read = readSync(file, into, done, length - done, at + done);
    if (read === 0) break;
    done += read;
  }
  return into.subarray(0, done);
}
