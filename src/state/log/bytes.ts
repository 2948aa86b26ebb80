import { readSync } from 'node:fs';

/** Bytes of a file that are looked at in one go. */
export const PIECE_BYTES = 512 * 1024;
const scratch = Buffer.allocUnsafe(PIECE_BYTES);

/** Reads up to `length` bytes of a file from `at` on; fewer where the file ends before. */
export const readBytes = (file: number, at: number, length: number): Buffer =>
  readInto(Buffer.allocUnsafe(length), file, at, length);

/**
 * The same into memory that the next call uses again: whoever goes through a long file leaves nothing behind that would
 * have to be collected.
 */
export const readPiece = (file: number, at: number, length: number): Buffer =>
  length > PIECE_BYTES ? readBytes(file, at, length) : readInto(scratch, file, at, length);

function readInto(bytes: Buffer, file: number, at: number, length: number): Buffer {
  let done = 0;
  while (done < length) {
    const read = readSync(file, bytes, done, length - done, at + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}
