import { saveStep } from '../db/journal.ts';
import { saveProgress } from '../db/task-changes.ts';
import type { Json } from '../provision/errors.ts';
import type { Host } from '../provision/host/host.ts';
import type { LogLevel, LogLine, StepIo } from '../provision/task.ts';
import type { Halt } from './leave-task.ts';
import type { RunJournal } from './run-journal.ts';
import type { TaskLog } from './task-log.ts';
import type { WorkerDeps } from './task-run.ts';

/** What all steps of one running task share. */
export interface RunIo {
  host: Host;
  log: TaskLog;
  secrets: Record<string, string>;
  result: Record<string, Json>;
  /** How its worker ends. */
  halt: Halt;
  journal: RunJournal;
}

const PROGRESS_MS = 300;

/** The StepIo of one step of a task: journal, log and progress go to the inventory and the task's log file. */
export function makeStepIo(
  deps: WorkerDeps,
  taskId: number,
  step: { seq: number; name: string },
  run: RunIo,
  signal: AbortSignal,
): StepIo {
  let shown = 0;
  const write = (level: LogLevel, stream: LogLine['stream'], text: string): void =>
    run.log.write({ at: new Date().toISOString(), level, step: step.name, stream, text });
  return {
    host: run.host,
    signal,
    secrets: run.secrets,
    log: (level, text) => write(level, 'aegir', text),
    line: (stream, text) => write('info', stream, text),
    progress(done, total, unit) {
      // Each stored progress costs a sync to disk: a few a second are as many as a person can read. A total of 0 is unknown.
      const last = total > 0 && done >= total;
      if (Date.now() - shown < PROGRESS_MS && !last) return;
      shown = Date.now();
      saveProgress(deps.inventory, taskId, { step: step.name, done, total, unit });
    },
    save: (saved) => saveStep(deps.inventory, taskId, step.seq, saved),
    report: (result) => Object.assign(run.result, result),
    result: run.result,
    exclusive: (lock, work) => deps.exclusive(lock, work),
  };
}
