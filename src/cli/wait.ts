import { createInterface } from 'node:readline/promises';
import { findTask, type TaskRow } from '../db/tasks.ts';
import { AegirError } from '../provision/model/errors.ts';
import { formatProgress } from '../state/text/format.ts';
import { listenToBell } from '../worker/bell.ts';
import { localDeps } from '../worker/local-deps.ts';
import { cancelTask } from '../worker/queue.ts';
import { startWorker } from '../worker/worker.ts';
import { noWorker } from './no-worker.ts';
import { saveMemory } from './save-memory.ts';
import type { Session } from './session.ts';
import { openStatusLine } from './status-line.ts';
import { openTaskLogLines, printLogLine } from './task-log-lines.ts';
import { forTerminal } from './terminal-text.ts';

const ended = new Set(['succeeded', 'warning', 'failed', 'cancelled']);

/** True if a task has ended, and its recovery was not requested. */
export const isEnded = ({ state, recoverRequestedAt }: TaskRow): boolean =>
  ended.has(state) && recoverRequestedAt === null;

/**
 * Waits until a task has ended, and returns it. If no other process is the worker, this process is the worker while it
 * waits. It prints the log as it grows, unless `silent`, and shows progress on the status line. The first ctrl-c asks
 * what to do; after a hangup (SIGHUP) a task that runs in this process still runs to its end.
 */
export async function waitForTask(
  session: Session,
  id: number,
  { silent = false }: { silent?: boolean } = {},
): Promise<TaskRow> {
  const root = session.root();
  saveMemory();
  const worker = startWorker(localDeps(root));
  const wake = waker();
  const stopListening = listenToBell(root.paths.bell, wake.wake);
  const printer = logPrinter(session, id, !silent && !session.out.json && !session.out.quiet);
  const stopSignals = onSignals(session, id, () => worker.active, wake.wake);
  try {
    // Another process has the lock: a worker, which will run the task, or a program that blocks every worker.
    const none = worker.active ? undefined : await noWorker(session);
    if (none) process.stderr.write(forTerminal(`aegir: ${none}\n`));
    for (;;) {
      const task = findTask(root.inventory, id);
      if (!task)
        throw new AegirError('NO_SUCH_TASK', `task ${id} no longer exists`, 'aegir task list shows what there is.');
      printer.print(task);
      if (isEnded(task)) return task;
      if (stopSignals.left())
        throw new AegirError(
          'INTERRUPTED',
          `task ${id} continues to run`,
          `To follow it: aegir task log ${id} --follow`,
        );
      await wake.sleep(150);
    }
  } finally {
    printer.end();
    stopSignals.stop();
    stopListening();
    await worker.drain();
  }
}

/** Prints the new lines of a task's log, and its progress. */
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
      // The stored progress may still be that of an earlier step.
      if (task.progress?.step === step) status.show(`${task.progress.step}  ${formatProgress(task.progress)}`);
    },
    end() {
      status.clear();
      log.close();
    },
  };
}

/** A sleep that `wake` ends early. */
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
      // The task has just ended, or is committed and will end soon.
    }
  };
  const leave = (): void => {
    left = true;
    wake();
  };
  const interrupt = async (): Promise<void> => {
    // A second ctrl-c, or no terminal. A task in this process cannot continue without it, so it is cancelled.
    if (asking || !process.stdin.isTTY) return isWorker() ? cancel() : leave();
    asking = true;
    const here = isWorker() ? ' (it runs in this process, which then waits for its end)' : '';
    const text = `\nTask ${id} is running. [l]eave it running${here}, or [c]ancel and undo it? `;
    const answer = await askUntil(over.signal, text);
    asking = false;
    if (answer === undefined) return;
    if (/^c/i.test(answer)) cancel();
    else if (!isWorker()) leave();
  };
  // The terminal is closed, but a task in this process runs to its end.
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

/** Asks on the terminal; ctrl-c counts as the answer "c". Undefined at the end of input, or when `over` is aborted. */
async function askUntil(over: AbortSignal, text: string): Promise<string | undefined> {
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  // Closing the interface alone would leave the promise of the question pending.
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
    // The next output begins on a new line.
    process.stderr.write('\n');
    return interrupted ? 'c' : undefined;
  } finally {
    ask.close();
  }
}
