/** How a command ended. A failed start or a signal is a `code` other than 0, never an exception. */
export interface CommandResult {
  code: number;
  signal: string | undefined;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}
