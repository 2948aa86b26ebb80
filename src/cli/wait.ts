import { createInterface } from 'node:readline/promises';
import { findTask, type TaskRow } from '../db/tasks.ts';
import { AegirError } from '../provision/model/errors.ts';
import { formatProgress } from '../state/text/format.ts';
import { listenToBell } from '../worker/bell.ts';
import { localDeps } from '../worker/local-deps.ts';
import { cancelTask } from '../worker/queue.ts';
import { startWorker } from '../worker/worker.ts';
import { takeLittleMemory } from './little-memory.ts';
import { noWorker } from './no-worker.ts';
import type { Session } from './session.ts';
import { shown } from './shown.ts';
import { openStatusLine } from './status-line.ts';
import { openTaskLogLines, printLogLine } from './task-log-lines.ts';

const ended = new Set(['succeeded', 'warning', 'failed', 'cancelled']);

/** Whether a task is over: it has ended, and nobody has asked for another try to tidy up after it. */
export const isEnded = ({ state, recoverRequestedAt }: TaskRow): boolean =>
  ended.has(state) && recoverRequestedAt === null;

/**
 * Stays until a task has ended and returns it. When no other process is the worker, this one is it for as long as
 * it waits. The log is printed as it comes unless it is `silent`; progress rewrites one line of a terminal. A first ctrl-c asks what
 * to do; a lost line (SIGHUP) lets what runs here run to its end.
 */
export async function waitForTask(
  session: Session,
  id: number,
  { silent = false }: { silent?: boolean } = {},
): Promise<TaskRow> {
  const root = session.root();
  takeLittleMemory();
  const worker = startWorker(localDeps(root));
  const wake = waker();
  const stopListening = listenToBell(root.paths.bell, wake.wake);
  const printer = logPrinter(session, id, !silent && !session.out.json && !session.out.quiet);
  const stopSignals = onSignals(session, id, () => worker.active, wake.wake);
  try {
    // Another process has the lock: a worker, which does the task, or one that keeps every worker out.
    const none = worker.active ? undefined : await noWorker(session);
    if (none) process.stderr.write(shown(`aegir: ${none}\n`));
    for (;;) {
      const task = findTask(root.inventory, id);
      if (!task) throw new AegirError('NO_SUCH_TASK', `task ${id} is gone`, 'aegir task list shows what there is.');
      printer.print(task);
      if (isEnded(task)) return task;
      if (stopSignals.left())
        throw new AegirError('INTERRUPTED', `left task ${id} running`, `Follow it with: aegir task log ${id} --follow`);
      await wake.sleep(150);
    }
  } finally {
    printer.end();
    stopSignals.stop();
    stopListening();
    await worker.drain();
  }
}

/** Prints the lines of a task's log that have come since the last call, and its progress. */
function logPrinter({ root }: Session, id: number, show: boolean): { print(task: TaskRow): void; end(): void } {
  const status = openStatusLine();
  const log = openTaskLogLines(root().paths.taskLogs, id);
  let step = '';
  return {
    print(task) {
      if (!show) return;
      const lines = log.next();
      if (lines.length > 0) status.clear();
      for (const line of lines) printLogLine(line);
      step = lines.at(-1)?.step ?? step;
      // What is known of an earlier step is over.
      if (task.progress?.step === step) status.show(`${task.progress.step}  ${formatProgress(task.progress)}`);
    },
    end() {
      status.clear();
      log.close();
    },
  };
}

/** A sleep that a ring of the bell ends early. */
function waker(): { wake(): void; sleep(ms: number): Promise<void> } {
  let resolveSleep: (() => void) | undefined;
  return {
    wake: () => resolveSleep?.(),
    sleep: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        resolveSleep = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}

function onSignals(
  session: Session,
  id: number,
  isWorker: () => boolean,
  wake: () => void,
): { stop(): void; left(): boolean } {
  let left = false;
  let asking = false;
  const over = new AbortController();
  const cancel = (): void => {
    try {
      cancelTask(session.queue(), id);
    } catch {
      // It has just ended, or is past the point of return: it ends by itself.
    }
  };
  const leave = (): void => {
    left = true;
    wake();
  };
  const interrupt = async (): Promise<void> => {
    // A second ctrl-c, or nobody to ask: a task that runs here cannot run on without us, so it is undone.
    if (asking || !process.stdin.isTTY) return isWorker() ? cancel() : leave();
    asking = true;
    const here = isWorker() ? ' (it runs in this process, which goes on until it ends)' : '';
    const text = `\nTask ${id} is running. [l]eave it running${here}, or [c]ancel and undo it? `;
    const answer = await askUntil(over.signal, text);
    asking = false;
    if (answer === undefined) return;
    if (/^c/i.test(answer)) cancel();
    else if (!isWorker()) leave();
  };
  // Nobody reads any more; what runs here runs to its end.
  const hangUp = (): void => {};
  const interrupted = (): void => void interrupt();
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', cancel);
  process.on('SIGHUP', hangUp);
  return {
    left: () => left,
    stop() {
      over.abort();
      process.off('SIGINT', interrupted);
      process.off('SIGTERM', cancel);
      process.off('SIGHUP', hangUp);
    },
  };
}

/** Asks on the terminal; ctrl-c answers with c. Undefined when input has ended, or what was asked about is over. */
async function askUntil(over: AbortSignal, text: string): Promise<string | undefined> {
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  // A question that is only closed never settles.
  const closed = new AbortController();
  let interrupted = false;
  ask.on('SIGINT', () => {
    interrupted = true;
    ask.close();
  });
  ask.on('close', () => closed.abort());
  try {
    return await ask.question(text, { signal: AbortSignal.any([over, closed.signal]) });
  } catch {
    // What is printed next begins on a line of its own.
    process.stderr.write('\n');
    return interrupted ? 'c' : undefined;
  } finally {
    ask.close();
  }
}
