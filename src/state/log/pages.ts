import type { OpenFile } from '../../provision/host/host.ts';
import type { BytesFile } from './bytes.ts';
import { NotYetRead } from './not-yet.ts';

const PAGE = 128 * 1024;
/** Eight megabytes. */
const KEPT = 64;

/**
 * A file of a host elsewhere: what was read of it is kept by pages, and what is missing is asked for, all at once. A file
 * that cannot be read any more reads as one that ends there.
 */
export function pagesOf(file: OpenFile): BytesFile {
  /** In the order of their last use. */
  const kept = new Map<number, Buffer>();
  const coming = new Map<number, Promise<void>>();
  let tidying = false;

  function ask(page: number): Promise<void> {
    const bytes = Buffer.allocUnsafe(PAGE);
    const asked = Promise.resolve(file.read(bytes, page * PAGE))
      .catch(() => 0)
      .then((length) => {
        coming.delete(page);
        keep(page, bytes.subarray(0, length));
      });
    coming.set(page, asked);
    return asked;
  }

  function keep(page: number, bytes: Buffer): void {
    kept.delete(page);
    kept.set(page, bytes);
    if (!tidying) setImmediate(tidy);
    tidying = true;
  }

  /** Lets the oldest go. Nobody waits at this moment: who does may need all that has come for it so far. */
  function tidy(): void {
    tidying = false;
    if (coming.size > 0) return;
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break;
      kept.delete(oldest);
    }
  }

  /** Whoever needs bytes behind the end of a page that was not full knows that the file has grown. */
  const pageWith = (page: number, from: number, to: number, asked: ReadonlySet<number>): Buffer | undefined => {
    const bytes = kept.get(page);
    const reaches = bytes && (bytes.length >= to - page * PAGE || asked.has(page));
    if (reaches) keep(page, bytes);
    return reaches ? bytes.subarray(Math.min(bytes.length, from - page * PAGE)) : undefined;
  };

  /** Pages that came for a read that has not been answered: what they lack, the file lacks. */
  const asked = new Set<number>();
  return {
    read(into, at) {
      const end = at + into.length;
      const missing: number[] = [];
      const used: number[] = [];
      let done = 0;
      let ended = false;
      for (let page = Math.floor(at / PAGE); page * PAGE < end; page += 1) {
        const from = Math.max(at, page * PAGE);
        const to = Math.min(end, (page + 1) * PAGE);
        const bytes = pageWith(page, from, to, asked);
        used.push(page);
        if (!bytes) missing.push(page);
        else if (missing.length === 0 && !ended) {
          const taken = bytes.copy(into, done, 0, to - from);
          done += taken;
          ended = taken < to - from;
        }
      }
      if (missing.length === 0) {
        for (const page of used) asked.delete(page);
        return done;
      }
      for (const page of missing) asked.add(page);
      throw new NotYetRead(Promise.all(missing.map((page) => coming.get(page) ?? ask(page))));
    },
  };
}
