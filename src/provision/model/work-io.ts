export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** How work that takes a while is ended, and how it is followed. */
export interface WorkIo {
  /** Aborted on cancel and at the task's time limit. */
  signal: AbortSignal;
  log(level: LogLevel, text: string): void;
  /** For `onLine` of commands: writes their output to the log. */
  line(stream: 'stdout' | 'stderr', text: string): void;
  progress(done: number, total: number, unit: string): void;
}

/** Reports one problem that prevents a task. */
export type Problem = (code: string, message: string, hint: string, field?: string) => void;
