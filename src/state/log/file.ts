import type { OpenFile, Reads, Soon } from '../../provision/host/host.ts';
import { AegirError } from '../../provision/model/errors.ts';
import type { LogSource } from '../model/log-source.ts';
import type { BytesFile } from './bytes.ts';
import { serviceFormat } from './format.ts';
import { indexLines, type LineIndex } from './line-index.ts';
import { afterwards, whenRead } from './not-yet.ts';
import { pagesOf } from './pages.ts';

/** A file of the log: the one that is written now, or one that was turned away while we looked. */
interface Part {
  file: OpenFile;
  bytes: BytesFile;
  index: LineIndex;
  /** Place of the file's line 0. */
  base: number;
  /** What stands on a line of its own before it; '' for the file that was there first. */
  note: string;
}

/** Files that were turned away are kept open for what was read in them; more than these are let go. */
const MOST_PARTS = 5;
/** Rotation is rare: what the old file still gets is taken in at once, up to this. */
const MOST_PIECES = 1000;

/**
 * A text file that a service writes on a host. When it is rotated the lines of the old file stay, and the new file goes on
 * behind them; when it is emptied in place its old lines are gone. A line says so.
 */
export function openFileSource(host: Pick<Reads, 'open'>, path: string): LogSource {
  let parts: Part[] = [];
  let problem = '';
  let looking: Promise<boolean> | undefined;
  let closed = false;

  const last = (): Part | undefined => parts.at(-1);
  const end = (): number => endOf(last());
  const first = (): number => {
    const [oldest] = parts;
    return oldest ? oldest.base + oldest.index.first() - (oldest.note === '' ? 0 : 1) : 0;
  };

  function closeAll(): void {
    for (const { file } of parts) file.close();
    parts = [];
  }

  /** Opens the file that has the name now, if there is one; `from` says where its index begins. */
  function openPart(from: (size: number) => number, base: number, note: string): Soon<Part | undefined> {
    return afterwards(host.open(path), (file) => file && partOf(file, from, base, note));
  }

  function begin(): Soon<boolean> {
    const begun = openPart((size) => size, 0, '');
    return afterwards(begun, (part) => {
      if (part) parts = [part];
      else problem = `${path} is not there yet: nothing was logged.`;
      return part !== undefined;
    });
  }

  function takeGrowth(part: Part, size: number): boolean {
    const before = part.index.size();
    if (size < before) {
      for (const old of parts.slice(0, -1)) old.file.close();
      const bytes = bytesOf(part.file, part.bytes !== part.file);
      const emptied = { bytes, index: indexLines(bytes, 0), base: endOf(part) + 1, note: 'The log was emptied.' };
      parts = [{ ...part, ...emptied }];
    }
    last()?.index.grow(size);
    return size !== before;
  }

  /** Goes over to the file that has taken the name. The old one is written to until the new one has its first line. */
  function takeRotation(part: Part): Soon<boolean> {
    const caughtUp = whenRead(() => {
      for (let piece = 0; piece < MOST_PIECES && !part.index.caughtUp(); piece += 1) part.index.work();
    });
    return afterwards(caughtUp, () => {
      const note = 'The log was rotated; the new file goes on here.';
      return afterwards(
        openPart(() => 0, endOf(part) + 1, note),
        (next) => {
          if (!next) return false;
          for (const old of [...parts, next].slice(0, -MOST_PARTS)) old.file.close();
          parts = [...parts, next].slice(-MOST_PARTS);
          return true;
        },
      );
    });
  }

  function takeIn(part: Part): Soon<boolean> {
    return afterwards(part.file.state(), ({ size, replaced }) => {
      const grown = takeGrowth(part, size);
      return replaced ? afterwards(takeRotation(last() ?? part), (rotated) => rotated || grown) : grown;
    });
  }

  function failed(error: unknown): boolean {
    problem = problemOf(error, path);
    return false;
  }

  return {
    format: serviceFormat,
    first,
    end,
    whole: () => parts.every(({ index }) => index.whole()),
    raw: (from, to) =>
      parts.flatMap(({ index, base, note }) => [
        ...(note !== '' && from < base && to >= base ? [note] : []),
        ...index.read(Math.max(from - base, index.first()), to - base),
      ]),
    numberAt: (place) => place,
    placeOf: (number) => number,
    work: () => parts.toReversed().some(({ index }) => index.work()),
    refresh() {
      // A look that still waits for its answer sees what there is.
      if (looking) return looking;
      try {
        const part = last();
        const looked = part ? takeIn(part) : begin();
        if (!(looked instanceof Promise)) return looked;
        looking = looked.catch(failed).finally(() => {
          looking = undefined;
          if (closed) closeAll();
        });
        return looking;
      } catch (error) {
        return failed(error);
      }
    },
    problem: () => (parts.length === 0 ? problem : first() < end() ? '' : 'Nothing is logged yet.'),
    close() {
      closed = true;
      closeAll();
    },
  };
}

const endOf = (part: Part | undefined): number => (part ? part.base + part.index.end() : 0);

/** An open file as a part of the log. */
function partOf(file: OpenFile, from: (size: number) => number, base: number, note: string): Soon<Part> {
  const state = file.state();
  const bytes = bytesOf(file, state instanceof Promise);
  return afterwards(state, ({ size }) =>
    afterwards(
      whenRead(() => indexLines(bytes, from(size))),
      (index) => {
        index.grow(size);
        return { file, bytes, index, base, note };
      },
    ),
  );
}

/** A file of this machine answers at once. */
const bytesOf = (file: OpenFile, far: boolean): BytesFile => (far ? pagesOf(file) : (file as BytesFile));

function problemOf(error: unknown, path: string): string {
  const code = error instanceof AegirError ? error.code : '';
  if (code === 'NOT_ALLOWED') return `${path} may only be read by root.`;
  return `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
