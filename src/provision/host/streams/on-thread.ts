import { Worker } from 'node:worker_threads';
import { AegirError, type ErrorDocument } from '../../model/errors.ts';
import type { ActOptions } from '../host.ts';
import { type StartedFor, startedFor } from '../local/children.ts';
import { ownProgram } from '../local/own-files.ts';
import type { StreamWords } from './stream-command.ts';
import type { Streamed } from './streams.ts';

/** What the thread is asked for: the functions of streams.ts with their arguments. */
export type StreamWork =
  | { what: 'save'; from: StreamWords; to: string }
  | { what: 'load'; from: string; sha256: string; into: StreamWords }
  | { what: 'copy'; from: StreamWords; into: StreamWords }
  | { what: 'check'; from: string; sha256: string; entries: boolean };

export type ToThread = { id: number; work: StreamWork; who: StartedFor | undefined } | { cancel: number };

/** What it says of a work meanwhile and at its end. */
export type FromThread = { id: number } & (
  | { line: Parameters<NonNullable<ActOptions['onLine']>> }
  | { progress: Parameters<NonNullable<ActOptions['onProgress']>> }
  | { ended: Streamed }
  | { failed: ErrorDocument }
);

interface Working {
  live: ActOptions;
  resolve(streamed: Streamed): void;
  reject(error: unknown): void;
}

/** One thread for all that moves now; with the last work it ends. */
let mover: { thread: Worker; works: Map<number, Working> } | undefined;
let lastId = 0;

/**
 * Moves data in a thread beside: a console goes on meanwhile, and clearing up after each piece costs little where there
 * is little else in memory. Throws what streams.ts throws.
 */
export async function onThread(work: StreamWork, live: ActOptions): Promise<Streamed> {
  live.signal?.throwIfAborted();
  mover ??= startMover();
  const { thread, works } = mover;
  lastId += 1;
  const id = lastId;
  const tell = (said: ToThread): void => thread.postMessage(said);
  const cancel = (): void => tell({ cancel: id });
  live.signal?.addEventListener('abort', cancel);
  try {
    return await new Promise((resolve, reject) => {
      works.set(id, { live, resolve, reject });
      tell({ id, work, who: startedFor() });
    });
  } catch (error) {
    live.signal?.throwIfAborted();
    throw error;
  } finally {
    live.signal?.removeEventListener('abort', cancel);
    works.delete(id);
    if (works.size === 0) {
      mover = undefined;
      void thread.terminate();
    }
  }
}

function startMover(): NonNullable<typeof mover> {
  const thread = new Worker(ownProgram('provision/host/streams/stream-thread'), { execArgv: [] });
  const works = new Map<number, Working>();
  const fail = (error: unknown): void => {
    for (const { reject } of works.values()) reject(error);
  };
  thread.on('message', (said: FromThread) => {
    const working = works.get(said.id);
    if (!working) return;
    if ('line' in said) working.live.onLine?.(...said.line);
    else if ('progress' in said) working.live.onProgress?.(...said.progress);
    else if ('ended' in said) working.resolve(said.ended);
    else {
      const { code, message, hint, field } = said.failed;
      working.reject(new AegirError(code, message, hint, field));
    }
  });
  thread.on('error', fail);
  thread.on('exit', () => fail(new AegirError('STREAM_FAILED', 'the thread that moves data has ended', 'Try again.')));
  return { thread, works };
}
