import { Worker } from 'node:worker_threads';
import { AegirError, type ErrorDocument } from '../../model/errors.ts';
import type { ActOptions } from '../host.ts';
import { type StartedFor, startedFor } from '../local/children.ts';
import { ownProgram } from '../local/own-files.ts';
import type { ResolvedCommand } from './stream-command.ts';
import type { Streamed } from './streams.ts';

/** Requests to the thread: the functions of streams.ts with their arguments. */
export type StreamWork =
  | { what: 'save'; from: ResolvedCommand; to: string }
  | { what: 'load'; from: string; sha256: string; into: ResolvedCommand }
  | { what: 'copy'; from: ResolvedCommand; into: ResolvedCommand }
  | { what: 'check'; from: string; sha256: string; entries: boolean };

export type ToThread = { id: number; work: StreamWork; who: StartedFor | undefined } | { cancel: number };

/** Messages of the thread about a request: progress, result, error. */
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

/** One thread for all running transfers; it ends with the last of them. */
let mover: { thread: Worker; works: Map<number, Working> } | undefined;
let lastId = 0;

/**
 * Moves data in a separate thread: the console stays responsive, and garbage collection is cheap in a thread with a
 * small heap. Throws what streams.ts throws.
 */
export async function onThread(work: StreamWork, live: ActOptions): Promise<Streamed> {
  live.signal?.throwIfAborted();
  mover ??= startMover();
  const { thread, works } = mover;
  lastId += 1;
  const id = lastId;
  const tell = (message: ToThread): void => thread.postMessage(message);
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
  thread.on('message', (answer: FromThread) => {
    const working = works.get(answer.id);
    if (!working) return;
    if ('line' in answer) working.live.onLine?.(...answer.line);
    else if ('progress' in answer) working.live.onProgress?.(...answer.progress);
    else if ('ended' in answer) working.resolve(answer.ended);
    else {
      const { code, message, hint, field } = answer.failed;
      working.reject(new AegirError(code, message, hint, field));
    }
  });
  thread.on('error', fail);
  thread.on('exit', () =>
    fail(new AegirError('STREAM_FAILED', 'the thread that moves data ended unexpectedly', 'Try again.')),
  );
  return { thread, works };
}
