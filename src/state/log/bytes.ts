/** A file whose bytes are there at once; else it throws `NotYetRead` (not-yet.ts). */
export interface BytesFile {
  /** Fills `into` with what stands from `at` on; returns how many bytes there were. */
  read(into: Buffer, at: number): number;
}

/** Bytes of a file that are looked at in one go. */
export const PIECE_BYTES = 512 * 1024;
const scratch = Buffer.allocUnsafe(PIECE_BYTES);

/** Reads up to `length` bytes of a file from `at` on; fewer where the file ends before. */
export const readBytes = (file: BytesFile, at: number, length: number): Buffer =>
  readInto(Buffer.allocUnsafe(length), file, at);

/**
 * The same into memory that the next call uses again: whoever goes through a long file leaves nothing behind that would
 * have to be collected.
 */
export const readPiece = (file: BytesFile, at: number, length: number): Buffer =>
  length > PIECE_BYTES ? readBytes(file, at, length) : readInto(scratch.subarray(0, length), file, at);

const readInto = (bytes: Buffer, file: BytesFile, at: number): Buffer => bytes.subarray(0, file.read(bytes, at));
