import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { AegirError } from '../../model/errors.ts';
import { fileError } from './place.ts';

/** An open file of this machine: it answers at once (see `OpenFile`). */
export interface FileHere {
  size(): number;
  state(): { size: number; replaced: boolean };
  read(into: Buffer, at: number): number;
  close(): void;
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Opens a plain file; undefined where there is none. A link is not followed, and a pipe in a site's folder must not block
 * the program. Throws `NOT_ALLOWED`, `NOT_A_FILE`.
 */
export function openFileHere(path: string): FileHere | undefined {
  const file = descriptorOf(path);
  if (file === undefined) return undefined;
  const { ino } = fstatSync(file);
  const size = (): number => fstatSync(file).size;
  return {
    size,
    state() {
      const named = statSync(path, { throwIfNoEntry: false });
      const replaced = named !== undefined && named.ino !== ino && named.size > 0;
      return { size: size(), replaced };
    },
    read(into, at) {
      let done = 0;
      while (done < into.length) {
        const read = readSync(file, into, done, into.length - done, at + done);
        if (read === 0) break;
        done += read;
      }
      return done;
    },
    close: () => closeSync(file),
  };
}

function descriptorOf(path: string): number | undefined {
  try {
    const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (['ENOENT', 'ENOTDIR'].includes(code)) return undefined;
    // ELOOP: a link; ENXIO: a socket.
    if (!['ELOOP', 'ENXIO'].includes(code)) throw fileError(error, path);
  }
  throw new AegirError('NOT_A_FILE', `${path} is no file`, 'Only plain files are read.');
}
