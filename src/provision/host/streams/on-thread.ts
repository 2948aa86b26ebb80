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

/** How long the thread waits for the next transfer: a task makes several, and a start costs more than a small one. */
const IDLE_MS = 30_000;

/** One thread for all running transfers; it ends some time after the last of them. */
interface Mover {
  thread: Worker;
  works: Map<number, Working>;
  /** Ends it when it has had nothing to do for a while. */
  idle?: NodeJS.Timeout | undefined;
}
let mover: Mover | undefined;
let lastId = 0;

/**
 * Moves data in a separate thread: the console stays responsive, and garbage collection is cheap in a thread with a
 * small heap. Throws what streams.ts throws.
 */
export async function onThread(work: StreamWork, live: ActOptions): Promise<Streamed> {
  live.signal?.throwIfAborted();
  mover ??= startMover();
  const used = mover;
  const { thread, works } = used;
  clearTimeout(used.idle);
  thread.ref();
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
    if (works.size === 0) rest(used);
  }
}

/** An idle thread does not keep the process from ending. */
function rest(idle: Mover): void {
  idle.thread.unref();
  idle.idle = setTimeout(() => {
    if (mover === idle) mover = undefined;
    void idle.thread.terminate();
  }, IDLE_MS).unref();
}

function startMover(): Mover {
  const thread = new Worker(ownProgram('provision/host/streams/stream-thread'), { execArgv: [] });
  const works = new Map<number, Working>();
  const started: Mover = { thread, works };
  const fail = (error: unknown): void => {
    // The next transfer starts another one.
    if (mover === started) mover = undefined;
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
  return started;
}
