import { parentPort } from 'node:worker_threads';
import { describeError } from '../../model/errors.ts';
import type { ActOptions } from '../host.ts';
import { startedAs } from '../local/children.ts';
import type { FromThread, StreamWork, ToThread } from './on-thread.ts';
import { checkStream, copyStream, loadStream, type Streamed, saveStream } from './streams.ts';

const PROGRESS_MS = 100;

const cancels = new Map<number, AbortController>();
const say = (message: FromThread): void => parentPort?.postMessage(message);

parentPort?.on('message', (message: ToThread) => {
  if ('cancel' in message) cancels.get(message.cancel)?.abort();
  else void startedAs(message.who, () => perform(message.id, message.work));
});

async function perform(id: number, work: StreamWork): Promise<void> {
  const cancel = new AbortController();
  cancels.set(id, cancel);
  const live: ActOptions = {
    signal: cancel.signal,
    onLine: (...line) => say({ id, line }),
    onProgress: nowAndThen((...progress) => say({ id, progress })),
  };
  try {
    say({ id, ended: await run(work, live) });
  } catch (error) {
    say({ id, failed: describeError(error) });
  } finally {
    cancels.delete(id);
  }
}

async function run(work: StreamWork, live: ActOptions): Promise<Streamed> {
  switch (work.what) {
    case 'save':
      return saveStream(work.from, work.to, live);
    case 'load':
      return loadStream(work.from, work.sha256, work.into, live);
    case 'copy':
      return copyStream(work.from, work.into, live);
    case 'check': {
      if (!work.entries) return checkStream(work.from, work.sha256, live);
      const { entryCheck } = await import('./archive-entries.ts');
      return checkStream(work.from, work.sha256, live, entryCheck(work.from));
    }
  }
}

/** Limits progress reports: every block moves it on, but a reader only needs the first and a few per second. */
function nowAndThen(tell: NonNullable<ActOptions['onProgress']>): NonNullable<ActOptions['onProgress']> {
  let told: number | undefined;
  return (...progress) => {
    const now = performance.now();
    if (told !== undefined && now - told < PROGRESS_MS) return;
    told = now;
    tell(...progress);
  };
}
