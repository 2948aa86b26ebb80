import { saveStep } from '../db/journal.ts';
import { saveProgress } from '../db/task-changes.ts';
import { describeError, wholeMessage } from '../provision/model/errors.ts';
import type { LogLevel } from '../provision/model/work-io.ts';
import type { LogLine, StepIo } from '../provision/tasks/model/task.ts';
import type { RunIo, WorkerDeps } from './running.ts';

const PROGRESS_MS = 300;

/** The most lines of one text that are logged: enough for a page that a program printed. */
const MOST_LINES = 200;

/** The io of a step, with the reason why it was not needed; undefined if it was. */
export interface RunStepIo extends StepIo {
  readonly unneeded: string | undefined;
}

/** The StepIo of one step of a task: journal, log and progress go to the inventory and the task's log file. */
export function makeStepIo(
  deps: WorkerDeps,
  taskId: number,
  step: { seq: number; name: string },
  run: RunIo,
  signal: AbortSignal,
): RunStepIo {
  let shown = 0;
  let unneeded: string | undefined;
  /** Writes each line of a text as a line of the log. */
  const write = (level: LogLevel, stream: LogLine['stream'], text: string): void => {
    const at = new Date().toISOString();
    for (const line of linesOf(text)) run.log.write({ at, level, step: step.name, stream, text: line });
  };
  return {
    ...deps.program,
    host: run.host,
    signal,
    secrets: run.secrets,
    log: (level, text) => write(level, 'aegir', text),
    line: (stream, text) => write('info', stream, text),
    progress(done, total, unit) {
      // Each stored progress costs a sync to disk, so only a few per second are stored. A total of 0 is unknown.
      const last = total > 0 && done >= total;
      if (Date.now() - shown < PROGRESS_MS && !last) return;
      shown = Date.now();
      saveProgress(deps.inventory, taskId, { step: step.name, done, total, unit });
    },
    notNeeded(why) {
      unneeded = why;
      write('info', 'aegir', `not needed: ${why}`);
    },
    get unneeded() {
      return unneeded;
    },
    save: (saved) => saveStep(deps.inventory, taskId, step.seq, saved),
    report: (result) => Object.assign(run.result, result),
    result: run.result,
    exclusive: (lock, work) => deps.exclusive(lock, work),
  };
}

function linesOf(text: string): string[] {
  if (!/[\r\n]/.test(text)) return [text];
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  return lines.length <= MOST_LINES
    ? lines
    : [...lines.slice(0, MOST_LINES), `… ${lines.length - MOST_LINES} more lines`];
}

/** Writes the full text of an error and its hint into a task's log. */
export function logFailure(io: Pick<StepIo, 'log'>, level: LogLevel, error: unknown): void {
  io.log(level, `${wholeMessage(error)}. ${describeError(error).hint}`);
}
